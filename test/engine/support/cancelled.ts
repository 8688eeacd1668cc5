import type { Backbone, BatchStatistics } from '../../../src/engine/backbones/types.ts';

/**
 * With batch statistics a constant added before a pointwise convolution and its normalisation changes nothing: the
 * gradient of these shifts is zero, and what either side computes of it is rounding.
 */
export const isCancelled =
  ({ family }: Pick<Backbone, 'family'>, statistics: BatchStatistics) =>
  (name: string): boolean =>
    statistics === 'batch' &&
    ['lite', 'efficientnet'].includes(family) &&
    /(^|\.)blocks\.(0\.\d+\.bn2|[1-9]\.\d+\.bn3)\.bias$/.test(name);
