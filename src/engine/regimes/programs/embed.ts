import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { normalise } from '../../augment/normalise.ts';
import { viewRandomSpec } from '../../augment/random.ts';
import { imagesOf, recordSpec, recordsOf } from '../../augment/records.ts';
import type { ViewPreset } from '../../augment/types.ts';
import { randomViews } from '../../augment/views.ts';
import { eightTurns, wholeImage } from '../../augment/whole.ts';
import type { Backbone } from '../../backbones/types.ts';
import { stripPrefix } from '../../nn/tree.ts';
import type { Program, Tree } from '../../nn/types.ts';
import type { EmbedProgram } from '../types.ts';

export interface WholeContext {
  readonly backbone: Backbone;
  readonly batch: number;
  readonly recordSide: number;
  readonly size: number;
}
export interface EmbedContext extends WholeContext {
  readonly turns: 1 | 8;
}

const prefix = 'backbone.';

/** What a program over whole images takes: the backbone under `backbone.`, and records. */
export const wholeSignature = ({ backbone, batch, recordSide }: WholeContext): Program['signature'] => ({
  state: Object.fromEntries(
    backbone.params.map(({ name, shape }) => [prefix + name, { shape, dtype: 'float32' as const }]),
  ),
  batch: recordSpec(batch, recordSide),
  hyper: {},
  random: {},
});

/**
 * Whole images as a backbone takes them; with 8 turns, all flips and quarter turns of them, turn-major.
 * @param images [n, side, side, 3] in 0..1 @returns [turns · n, size, size, 3]
 */
export function wholePictures({ backbone, size, turns }: EmbedContext, images: TF.Tensor4D): TF.Tensor4D {
  const whole = wholeImage(images, size);
  return normalise(turns === 8 ? eightTurns(whole) : whole, backbone.preprocessing);
}

/**
 * Pooled features of `wholePictures` with the pretrained statistics, the mean over the turns of each image.
 * @param params of the backbone @returns [n, features]
 */
export function pictureFeatures(
  { backbone, batch, turns }: EmbedContext,
  params: Tree,
  pictures: TF.Tensor4D,
): TF.Tensor2D {
  const { features } = backbone.forward(params, pictures, 'frozen');
  return turns === 8 ? tf.mean(tf.reshape(features, [turns, batch, backbone.features]), 0) : features;
}

/** Pooled features of whole images; with 8 turns, their mean over all flips and quarter turns. */
export function embedProgram(context: EmbedContext): EmbedProgram {
  const { backbone, turns } = context;
  return {
    name: `embed-${turns}-${backbone.name}`,
    turns,
    signature: wholeSignature(context),
    step({ state, batch: data }) {
      const pictures = wholePictures(context, imagesOf(data));
      return { state: {}, metrics: { features: pictureFeatures(context, stripPrefix(state, prefix), pictures) } };
    },
  };
}

export interface ViewFeaturesContext extends WholeContext {
  readonly views: ViewPreset;
}

/** Pooled features [batch, features] of one random view of each image, with the pretrained statistics. */
export function viewFeaturesProgram(context: ViewFeaturesContext): Program {
  const { backbone, batch, size, views } = context;
  return {
    name: `embed-views-${backbone.name}`,
    signature: { ...wholeSignature(context), random: viewRandomSpec(views, batch) },
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
