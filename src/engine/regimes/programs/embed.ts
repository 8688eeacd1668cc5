import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { normalise } from '../../augment/normalise.ts';
import { recordSpec, recordsOf } from '../../augment/records.ts';
import { eightTurns, wholeImage } from '../../augment/whole.ts';
import type { Backbone } from '../../backbones/types.ts';
import { stripPrefix } from '../../nn/tree.ts';
import type { EmbedProgram } from '../types.ts';

export interface EmbedContext {
  readonly backbone: Backbone;
  readonly batch: number;
  readonly recordSide: number;
  readonly size: number;
  readonly turns: 1 | 8;
}

const prefix = 'backbone.';

/** Pooled features of whole images with the pretrained statistics; with 8 turns, their mean over all flips and quarter turns. */
export function embedProgram({ backbone, batch, recordSide, size, turns }: EmbedContext): EmbedProgram {
  return {
    name: `embed-${turns}-${backbone.name}`,
    turns,
    signature: {
      state: Object.fromEntries(
        backbone.params.map(({ name, shape }) => [prefix + name, { shape, dtype: 'float32' as const }]),
      ),
      batch: recordSpec(batch, recordSide),
      hyper: {},
      random: {},
    },
    step({ state, batch: data }) {
      const whole = wholeImage(recordsOf(data).images, size);
      const images = normalise(turns === 8 ? eightTurns(whole) : whole, backbone.preprocessing);
      const { features } = backbone.forward(stripPrefix(state, prefix), images, 'frozen');
      const mean: TF.Tensor2D =
        turns === 8 ? tf.mean(tf.reshape(features, [turns, batch, backbone.features]), 0) : features;
      return { state: {}, metrics: { features: mean } };
    },
  };
}
