import { arrangeShapes } from './arrange.ts';
import { convolutionShapes } from './convolution.ts';
import { elementwiseShapes } from './elementwise.ts';
import { reduceShapes } from './reduce.ts';
import type { ShapeRules } from './types.ts';

/** Every TF.js kernel that can be traced. */
export const shapeRules: ShapeRules = {
  ...elementwiseShapes,
  ...reduceShapes,
  ...arrangeShapes,
  ...convolutionShapes,
};
