import type { LoweringRules } from '../rule.ts';
import { blockedArrangeRules } from './arrange.ts';
import { blockedConvolutionRules } from './convolution.ts';
import { blockedPoolRules } from './pool.ts';
import { blockedReduceRules } from './reduce.ts';

/** Rules that take the place of the portable ones on ONNX Runtime's CPU provider. */
export const blockedRules: LoweringRules = {
  ...blockedArrangeRules,
  ...blockedConvolutionRules,
  ...blockedPoolRules,
  ...blockedReduceRules,
};
