import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { changeColour } from './colour.ts';
import { leaf } from '../nn/tree.ts';
import type { Generator } from '../data/random.ts';
import type { HostTree, Tree, TreeSpec } from '../nn/types.ts';
import { evenTiles, GRID, gridTiles, type Tiles } from './tiles.ts';

export interface TileOptions extends Tiles {
  /** Tiles of each image. */
  readonly count: number;
  /** Share of images whose tiles are grey, so that nothing can be told from colour fringes. */
  readonly grey: number;
}

const names = { cell: 'tiles.cell', jitter: 'tiles.jitter', grey: 'tiles.grey' } as const;

/** Inputs of `drawnTiles`: cell of the grid by tile and image, 0..8; where in it; and a chance for grey by image. */
export const tileSpec = ({ count }: TileOptions, batch: number): TreeSpec => ({
  [names.cell]: { shape: [count * batch], dtype: 'int32' },
  [names.jitter]: { shape: [count * batch, 2], dtype: 'float32' },
  [names.grey]: { shape: [batch], dtype: 'float32' },
});

/** Values for `tileSpec`. @param cellOf the cell of a tile of an image */
export function drawTiles(
  options: TileOptions,
  batch: number,
  generator: Generator,
  cellOf: (tile: number, image: number) => number,
): HostTree {
  const spec = tileSpec(options, batch);
  const rows = options.count * batch;
  const cells = Int32Array.from({ length: rows }, (_, row) => cellOf(Math.floor(row / batch), row % batch));
  return {
    [names.cell]: { ...leaf(spec, names.cell), data: cells },
    [names.jitter]: { ...leaf(spec, names.jitter), data: generator.uniform(2 * rows) },
    [names.grey]: { ...leaf(spec, names.grey), data: generator.uniform(batch) },
  };
}

/**
 * Tiles of a 3×3 grid as drawn: cut with a gap between them, some grey, each evened out.
 * @returns [count · batch, 3, side, side] planar, tile-major
 */
export function drawnTiles(batch: Tree, random: Tree, options: TileOptions): TF.Tensor4D {
  const cell = tf.cast(leaf(random, names.cell), 'float32');
  const row = tf.floor(tf.div(tf.add(cell, 0.5), GRID));
  const cells = tf.stack([row, tf.sub(cell, tf.mul(row, GRID))], 1) as TF.Tensor2D;
  const images = leaf(batch, 'images') as TF.Tensor4D;
  const jitter = leaf(random, names.jitter) as TF.Tensor2D;
  const tiles = gridTiles(images, leaf(batch, 'boxes') as TF.Tensor2D, cells, jitter, options);
  if (options.grey === 0) return evenTiles(tiles);
  const coloured = tf.cast(tf.greaterEqual(leaf(random, names.grey), options.grey), 'float32');
  const saturation = tf.reshape(tf.tile(coloured, [options.count]), [-1, 1, 1]) as TF.Tensor3D;
  const [n, , side] = tiles.shape;
  const pixels = changeColour(tf.reshape(tiles, [n, 3, side * side]), { saturation });
  return evenTiles(tf.reshape(pixels, tiles.shape));
}
