import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';

/** The identity, [d, d]. */
export const identity = (d: number): TF.Tensor2D =>
  tf.tensor2d(
    Float32Array.from({ length: d * d }, (_, k) => (k % (d + 1) === 0 ? 1 : 0)),
    [d, d],
  );
