import type { LoweringRules } from '../rule.ts';
import { blockedConvolutionRules } from './convolution.ts';
import { blockedReduceRules } from './reduce.ts';

/** Rules that take the place of the portable ones on ONNX Runtime's CPU provider. */
export const blockedRules: LoweringRules = { ...blockedConvolutionRules, ...blockedReduceRules };
