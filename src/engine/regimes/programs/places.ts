import { tf } from '../../tf.ts';
import { normalise } from '../../augment/normalise.ts';
import { recordsOf } from '../../augment/records.ts';
import { wholeImage } from '../../augment/whole.ts';
import { stripPrefix } from '../../nn/tree.ts';
import type { Program } from '../../nn/types.ts';
import { wholeSignature, type WholeContext } from './embed.ts';

/** Vectors of the map of whole images with the pretrained statistics: metric `places` [batch · h · w, features]. */
export function placesProgram(context: WholeContext): Program {
  const { backbone, size } = context;
  return {
    name: `places-${backbone.name}`,
    signature: wholeSignature(context),
    step({ state, batch }) {
      const images = normalise(wholeImage(recordsOf(batch).images, size), backbone.preprocessing);
      const { map } = backbone.forward(stripPrefix(state, 'backbone.'), images, 'frozen');
      return { state: {}, metrics: { places: tf.reshape(map, [-1, backbone.features]) } };
    },
  };
}
