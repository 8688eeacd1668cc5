import type * as TF from '@tensorflow/tfjs';
import { drawnTiles, drawTiles, tileSpec } from '../augment/tile-inputs.ts';
import { leaf } from '../nn/tree.ts';
import { classify } from './pretext/classes.ts';
import { distantPermutations } from './pretext/permutations.ts';
import { tilesHead, tileSettings, tilesOf } from './pretext/tiles.ts';
import { numberOf, trainingSettings } from './settings.ts';
import type { Method } from './types.ts';

const TILES = 9;

/** Solving jigsaw puzzles: which of a set of orders nine tiles of a picture were put in (section 3). */
export const jigsaw: Method = {
  name: 'jigsaw',
  summary: 'Puts nine shuffled tiles of an image back in order; learns how parts lie to each other.',
  source:
    'Noroozi & Favaro 2016, Unsupervised Learning of Visual Representations by Solving Jigsaw Puzzles, arXiv:1603.09246',
  settings: {
    ...trainingSettings,
    ...tileSettings,
    orders: {
      value: 64,
      gloss: 'Orders to tell from each other, as different as can be.',
      range: [2, 1000],
      whole: true,
    },
  },
  defaults: { batch: 32, epochs: 4 },
  task: { kind: 'accuracy', chance: ({ orders }) => 1 / Number(orders) },
  signature: {
    text: 'The order is told no better than by chance, as where parts of an image are all alike: it is reported as stalled.',
  },
  objective(context) {
    const { batch, settings } = context;
    const orders = distantPermutations(numberOf(settings, 'orders'), TILES);
    const tiles = tilesOf(context, TILES);
    return {
      name: 'jigsaw',
      parts: { order: tilesHead(context, TILES, orders.length) },
      target: null,
      random: { ...tileSpec(tiles, batch), order: { shape: [batch], dtype: 'int32' } },
      draw(generator) {
        const order = Int32Array.from({ length: batch }, () => generator.below(orders.length));
        const cellOf = (tile: number, image: number): number => orders[order[image] as number]?.[tile] as number;
        return {
          ...drawTiles(tiles, batch, generator, cellOf),
          order: { shape: [batch], dtype: 'int32', data: order },
        };
      },
      pictures: (data, random) => ({ tiles: drawnTiles(data, random, tiles) }),
      sees: { online: ['tiles'], target: [] },
      hyper: () => ({}),
      loss: ({ online, part, random }) =>
        classify(part('order', leaf(online, 'tiles')), leaf(random, 'order') as TF.Tensor1D),
    };
  },
};
