import type * as TF from '@tensorflow/tfjs';
import { drawnTiles, drawTiles, tileSpec } from '../augment/tile-inputs.ts';
import { leaf } from '../nn/tree.ts';
import { classify } from './pretext/classes.ts';
import { tilesHead, tileSettings, tilesOf } from './pretext/tiles.ts';
import { trainingSettings } from './settings.ts';
import type { Method } from './types.ts';

const TILES = 2;
const CENTRE = 4;
const PLACES = 8;

/** Context prediction: at which of eight places around a tile from the middle a second one lies (section 3, figure 2). */
export const relativePatch: Method = {
  name: 'relative-patch',
  summary: 'Tells where one part of an image lies beside another; two tiles an image, so the cheapest of its kind.',
  source: 'Doersch et al. 2015, Unsupervised Visual Representation Learning by Context Prediction, arXiv:1505.05192',
  settings: { ...trainingSettings, ...tileSettings },
  defaults: { batch: 64, epochs: 4 },
  task: { kind: 'accuracy', chance: () => 1 / PLACES },
  signature: {
    text: 'The place is told no better than by chance, as where an image looks the same everywhere: it is reported as stalled.',
  },
  objective(context) {
    const { batch } = context;
    const tiles = tilesOf(context, TILES);
    return {
      name: 'relative-patch',
      parts: { place: tilesHead(context, TILES, PLACES) },
      target: null,
      random: { ...tileSpec(tiles, batch), place: { shape: [batch], dtype: 'int32' } },
      draw(generator) {
        const place = Int32Array.from({ length: batch }, () => generator.below(PLACES));
        const around = (at: number): number => (at < CENTRE ? at : at + 1);
        const cellOf = (tile: number, image: number): number => (tile === 0 ? CENTRE : around(place[image] as number));
        return {
          ...drawTiles(tiles, batch, generator, cellOf),
          place: { shape: [batch], dtype: 'int32', data: place },
        };
      },
      pictures: (data, random) => ({ tiles: drawnTiles(data, random, tiles) }),
      sees: { online: ['tiles'], target: [] },
      hyper: () => ({}),
      loss: ({ online, part, random }) =>
        classify(part('place', leaf(online, 'tiles')), leaf(random, 'place') as TF.Tensor1D),
    };
  },
};
