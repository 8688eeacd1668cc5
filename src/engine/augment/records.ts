import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import type { Tree, TreeSpec } from '../nn/types.ts';

/**
 * Records as a program takes them: `images` [batch, side, side, 3] bytes as they lie in the cache, and `boxes`
 * [batch, 4] float32, the content box y0, x0, y1, x1 in 0..1.
 */
export const recordSpec = (batch: number, side: number): TreeSpec => ({
  images: { shape: [batch, side, side, 3], dtype: 'uint8' },
  boxes: { shape: [batch, 4], dtype: 'float32' },
});

/** Images of records in 0..1: made in the graph, which does it on all threads. @returns [n, side, side, 3] */
export const imagesOf = (batch: Tree): TF.Tensor4D =>
  tf.div(tf.cast(leaf(batch, 'images') as TF.Tensor4D, 'float32'), 255);

/** What `recordSpec` describes, its images in 0..1. */
export const recordsOf = (batch: Tree): { images: TF.Tensor4D; boxes: TF.Tensor2D } => ({
  images: imagesOf(batch),
  boxes: leaf(batch, 'boxes') as TF.Tensor2D,
});
