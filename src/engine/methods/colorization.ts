import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { toLab } from '../augment/lab.ts';
import { leaf } from '../nn/tree.ts';
import { dense } from './pretext/parts.ts';
import { DETAIL, pixelLoss, placesOf } from './pretext/pixels.ts';
import { numberOf, trainingSettings } from './settings.ts';
import type { Method } from './types.ts';
import { viewInputs } from './view-inputs.ts';

/** Brings a and b of images with few colours to about ±1, as far as a decoder reaches at its start. */
const CHROMA = 10;

/**
 * Colorization: a and b of CIE Lab from L alone, by squared error (equation 1). The paper's 313 classes of colour, with
 * weights against their rareness (equations 2 to 4), are made for the colours of all photographs; the images of one
 * project have few colours, most classes would stay empty, and squared error needs no statistics of colour beforehand.
 */
export const colorization: Method = {
  name: 'colorization',
  summary: 'Tells the colours of an image from its grey; for images whose colour means something.',
  source: 'Zhang et al. 2016, Colorful Image Colorization, arXiv:1603.08511',
  settings: {
    ...trainingSettings,
    hidden: { value: 256, gloss: 'Width of the decoder.', range: [8, 8192], whole: true, unit: 'channels' },
  },
  defaults: { batch: 64, epochs: 4 },
  task: { kind: 'explained', chance: () => 0 },
  signature: {
    text: 'The colours are told no better than by their mean, as in images without colour: it is reported as stalled.',
  },
  objective(context) {
    const { backbone, settings, size, views } = context;
    // The colours that are to be told must be those of the image.
    const preset = { ...views, brightness: 0, contrast: 0, saturation: 0, hue: 0, stain: 0, greyscale: 0, solarize: 0 };
    const inputs = viewInputs({ view: { preset, count: 1, size } }, context);
    return {
      name: 'colorization',
      parts: { decoder: dense(backbone.features, numberOf(settings, 'hidden'), 2 * DETAIL ** 2) },
      target: null,
      ...inputs,
      pictures(data, random) {
        const [lightness, ...chroma] = tf.split(toLab(leaf(inputs.pictures(data, random), 'view')), 3, 1) as [
          TF.Tensor4D,
          ...TF.Tensor4D[],
        ];
        const grey: TF.Tensor4D = tf.div(lightness, 100);
        return { grey: tf.concat([grey, grey, grey], 1), chroma: tf.div(tf.concat(chroma, 1), CHROMA) };
      },
      sees: { online: ['grey'], target: [] },
      hyper: () => ({}),
      loss: ({ maps, part, pictures }) =>
        pixelLoss(
          placesOf(leaf(maps.online, 'grey'), (x) => part('decoder', x)),
          leaf(pictures, 'chroma'),
        ),
    };
  },
};
