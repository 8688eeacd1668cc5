import type * as TF from '@tensorflow/tfjs';
import { stopGradient } from '../../nn/stop-gradient.ts';
import { tf } from '../../tf.ts';
import { sinkhorn } from './sinkhorn.ts';

export interface SwavSettings {
  readonly temperature: TF.Scalar;
  readonly epsilon: TF.Scalar;
  readonly iterations: number;
}

/**
 * Swapped prediction with multi-crop (Caron et al. 2020, equations 1, 2 and 6): the assignment of each whole view is
 * predicted from every other view; mean over pairs and images. No gradient passes through assignments.
 * @param whole scores [n, prototypes] of the views that are assigned
 * @param small scores of the small crops
 */
export function swavLoss(
  whole: readonly TF.Tensor2D[],
  small: readonly TF.Tensor2D[],
  { temperature, epsilon, iterations }: SwavSettings,
): TF.Scalar {
  const views = [...whole, ...small].map((scores) => tf.logSoftmax(tf.div(scores, temperature)));
  const terms = whole.flatMap((scores, i) => {
    const assigned = sinkhorn(stopGradient(scores), epsilon, iterations);
    return views.filter((_, v) => v !== i).map((view) => tf.neg(tf.mean(tf.sum(tf.mul(assigned, view), 1))));
  });
  return tf.div(tf.addN(terms), terms.length);
}
