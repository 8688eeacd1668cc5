import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { bilinearMatrix, reflectInto } from './sampling.ts';
import { edges, positions, sample } from './views.ts';

/** Rows and columns of the grid tiles are cut from. */
export const GRID = 3;

export interface Tiles {
  /** Side of a tile as a share of its cell: the rest is the gap that keeps lines from running on into the next tile. */
  readonly share: number;
  /** Side of a tile in pixels as the network sees it. */
  readonly side: number;
}

/**
 * Square tiles out of a 3×3 grid over the content box, each moved at random within its cell.
 * @param images [batch, side, side, 3] in 0..1
 * @param boxes [batch, 4] content box y0, x0, y1, x1 in 0..1
 * @param cells [tiles · batch, 2] row and column of the cell, 0..2; tile-major
 * @param jitter [tiles · batch, 2] uniform in 0..1: where in its cell the tile lies
 * @returns [tiles · batch, 3, side, side] planar in 0..1
 */
export function gridTiles(
  images: TF.Tensor4D,
  boxes: TF.Tensor2D,
  cells: TF.Tensor2D,
  jitter: TF.Tensor2D,
  { share, side }: Tiles,
): TF.Tensor4D {
  const [batch, recordSide] = images.shape;
  const tiles = cells.shape[0] / batch;
  const all = tf.concat(Array.from({ length: tiles }, () => boxes));
  const offset = tf.add(cells, tf.mul(jitter, 1 - share));
  const matrix = (axis: 0 | 1): TF.Tensor3D => {
    const low = edges(all, axis, recordSide);
    const high = edges(all, axis + 2, recordSide);
    const cell = tf.div(tf.sub(high, low), GRID);
    const start: TF.Tensor2D = tf.add(low, tf.mul(cell, tf.slice(offset, [0, axis], [-1, 1])));
    const along = positions(start, tf.mul(cell, share), side);
    return bilinearMatrix(reflectInto(along, low, high), recordSide);
  };
  return sample(images, matrix(0), matrix(1));
}

/**
 * Every tile and channel to mean 0.5 and deviation 0.2: by brightness, contrast and the colour fringes of a lens a
 * tile's place could be told without looking at what it shows (Noroozi & Favaro 2016).
 * @param planar [n, 3, s, s]
 */
export function evenTiles(planar: TF.Tensor4D): TF.Tensor4D {
  const centred = tf.sub(planar, tf.mean(planar, [2, 3], true));
  const variance = tf.mean(tf.square(centred), [2, 3], true);
  return tf.add(0.5, tf.mul(0.2, tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-4)))));
}
