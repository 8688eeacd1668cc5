import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import { dense } from './pretext/parts.ts';
import { DETAIL, pixelLoss, placesOf } from './pretext/pixels.ts';
import { numberOf, trainingSettings } from './settings.ts';
import type { Method } from './types.ts';
import { viewInputs } from './view-inputs.ts';

/** Squares along a side that are hidden or shown as a whole: single pixels would be told from their neighbours. */
const SQUARES = 12;

/** Grey where `hidden` is 1. @param hidden [n, 12 · 12] */
function masked(planar: TF.Tensor4D, hidden: TF.Tensor2D): TF.Tensor4D {
  const [n, , side] = planar.shape;
  const squareOf = Float32Array.from({ length: side * SQUARES }, (_, k) =>
    Math.floor((Math.floor(k / SQUARES) * SQUARES) / side) === k % SQUARES ? 1 : 0,
  );
  const rows = tf.tensor3d(squareOf, [1, side, SQUARES]);
  const wide = tf.matMul(tf.matMul(rows, tf.reshape(hidden, [n, SQUARES, SQUARES])), rows, false, true);
  const share = tf.reshape(wide, [n, 1, side, side]);
  return tf.add(tf.mul(planar, tf.sub(1, share)), tf.mul(share, 0.5));
}

/**
 * Denoising autoencoder: the whole picture from one with squares hidden (masking noise, section 2.3), by squared error,
 * through the backbone's last map and a decoder of one hidden layer at every place of it.
 */
export const autoencoder: Method = {
  name: 'autoencoder',
  summary: 'Draws an image again from a small summary of it, with parts hidden; the oldest way, and a weak one.',
  source: 'Vincent et al. 2008, Extracting and Composing Robust Features with Denoising Autoencoders, ICML',
  settings: {
    ...trainingSettings,
    hidden: { value: 256, gloss: 'Width of the decoder.', range: [8, 8192], whole: true, unit: 'channels' },
    masked: { value: 0.25, gloss: 'Share of the picture that is hidden.', range: [0, 0.95] },
  },
  defaults: { batch: 64, epochs: 4 },
  task: { kind: 'explained', chance: () => 0 },
  signature: {
    text: 'Every image is drawn as the mean of all: it is reported as stalled.',
  },
  objective(context) {
    const { backbone, batch, settings, size, views } = context;
    const inputs = viewInputs({ view: { preset: views, count: 1, size } }, context);
    const spec = { shape: [batch, SQUARES ** 2], dtype: 'float32' } as const;
    return {
      name: 'autoencoder',
      parts: { decoder: dense(backbone.features, numberOf(settings, 'hidden'), 3 * DETAIL ** 2) },
      target: null,
      random: { ...inputs.random, hidden: spec },
      draw: (generator) => ({
        ...inputs.draw(generator),
        hidden: { ...spec, data: generator.uniform(batch * SQUARES ** 2) },
      }),
      pictures(data, random) {
        const whole = leaf(inputs.pictures(data, random), 'view');
        const hidden = tf.cast(tf.less(leaf(random, 'hidden'), numberOf(settings, 'masked')), 'float32') as TF.Tensor2D;
        return { masked: masked(whole, hidden), whole };
      },
      sees: { online: ['masked'], target: [] },
      hyper: () => ({}),
      loss: ({ maps, part, pictures }) =>
        pixelLoss(
          placesOf(leaf(maps.online, 'masked'), (x) => part('decoder', x)),
          leaf(pictures, 'whole'),
        ),
    };
  },
};
