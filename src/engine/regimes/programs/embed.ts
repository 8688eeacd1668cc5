import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { normalise } from '../../augment/normalise.ts';
import { viewRandomSpec } from '../../augment/random.ts';
import { recordSpec, recordsOf } from '../../augment/records.ts';
import type { ViewPreset } from '../../augment/types.ts';
import { randomViews } from '../../augment/views.ts';
import { eightTurns, wholeImage } from '../../augment/whole.ts';
import type { Backbone } from '../../backbones/types.ts';
import { stripPrefix } from '../../nn/tree.ts';
import type { Program, TreeSpec } from '../../nn/types.ts';
import type { EmbedProgram } from '../types.ts';

export interface EmbedContext {
  readonly backbone: Backbone;
  readonly batch: number;
  readonly recordSide: number;
  readonly size: number;
  readonly turns: 1 | 8;
}

const prefix = 'backbone.';

const stateSpec = (backbone: Backbone): TreeSpec =>
  Object.fromEntries(backbone.params.map(({ name, shape }) => [prefix + name, { shape, dtype: 'float32' as const }]));

/** Pooled features of whole images with the pretrained statistics; with 8 turns, their mean over all flips and quarter turns. */
export function embedProgram({ backbone, batch, recordSide, size, turns }: EmbedContext): EmbedProgram {
  return {
    name: `embed-${turns}-${backbone.name}`,
    turns,
    signature: {
      state: stateSpec(backbone),
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

export interface ViewFeaturesContext extends Omit<EmbedContext, 'turns'> {
  readonly views: ViewPreset;
}

/** Pooled features [batch, features] of one random view of each image, with the pretrained statistics. */
export function viewFeaturesProgram({ backbone, batch, recordSide, size, views }: ViewFeaturesContext): Program {
  return {
    name: `embed-views-${backbone.name}`,
    signature: {
      state: stateSpec(backbone),
      batch: recordSpec(batch, recordSide),
      hyper: {},
      random: viewRandomSpec(views, batch),
    },
    step({ state, batch: data, random }) {
      const { images, boxes } = recordsOf(data);
      const seen = normalise(randomViews(images, boxes, random, views, size, 1), backbone.preprocessing);
      return {
        state: {},
        metrics: { features: backbone.forward(stripPrefix(state, prefix), seen, 'frozen').features },
      };
    },
  };
}
