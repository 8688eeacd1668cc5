import type { LoweringRules } from '../rule.ts';
import { arrangeRules } from './arrange.ts';
import { convolutionRules } from './convolution.ts';
import { elementwiseRules } from './elementwise.ts';
import { imageRules } from './image.ts';
import { matmulRules } from './matmul.ts';
import { poolRules } from './pool.ts';
import { reduceRules } from './reduce.ts';

/** Lowering of every kernel to standard ONNX operators: for every provider. */
export const portableRules: LoweringRules = {
  ...elementwiseRules,
  ...reduceRules,
  ...matmulRules,
  ...arrangeRules,
  ...convolutionRules,
  ...poolRules,
  ...imageRules,
};
