import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { normalise } from '../../augment/normalise.ts';
import { wholeImage } from '../../augment/whole.ts';
import type { Backbone } from '../../backbones/types.ts';
import { leaf, stripPrefix } from '../../nn/tree.ts';
import type { Program } from '../../nn/types.ts';

const prefix = 'backbone.';

export interface PlacesContext {
  readonly backbone: Backbone;
  readonly batch: number;
  readonly recordSide: number;
  readonly size: number;
}

/** Vectors of the map of whole images with the pretrained statistics: metric `places` [batch · h · w, features]. */
export function placesProgram({ backbone, batch, recordSide, size }: PlacesContext): Program {
  return {
    name: `places-${backbone.name}`,
    signature: {
      state: Object.fromEntries(
        backbone.params.map(({ name, shape }) => [prefix + name, { shape, dtype: 'float32' as const }]),
      ),
      batch: {
        images: { shape: [batch, recordSide, recordSide, 3], dtype: 'float32' },
        boxes: { shape: [batch, 4], dtype: 'float32' },
      },
      hyper: {},
      random: {},
    },
    step({ state, batch: data }) {
      const images = normalise(wholeImage(leaf(data, 'images') as TF.Tensor4D, size), backbone.preprocessing);
      const { map } = backbone.forward(stripPrefix(state, prefix), images, 'frozen');
      return { state: {}, metrics: { places: tf.reshape(map, [-1, backbone.features]) } };
    },
  };
}
