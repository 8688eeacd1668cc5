import { tf } from '../../tf.ts';
import { imagesOf, recordSpec } from '../../augment/records.ts';
import type { Backbone } from '../../backbones/types.ts';
import { leaf, stripPrefix, withPrefix } from '../../nn/tree.ts';
import type { Program, TreeSpec } from '../../nn/types.ts';
import { headLogits, headSpec } from './head.ts';
import { pictureFeatures, wholePictures, type EmbedContext } from './embed.ts';

export interface AppliedContext extends EmbedContext {
  /** Models whose probabilities are averaged: one per adaptation seed. */
  readonly models: number;
  readonly classes: number;
}

/** State of one model is under this prefix: `backbone.…` and `head.…`. */
export const modelPrefix = (model: number): string => `models.${model}.`;

const stateOf = (backbone: Backbone, classes: number, model: number): TreeSpec => {
  const prefix = modelPrefix(model);
  const { features, params } = backbone;
  return {
    ...Object.fromEntries(
      params.map(({ name, shape }) => [`${prefix}backbone.${name}`, { shape, dtype: 'float32' as const }]),
    ),
    ...withPrefix(headSpec(features, 0, classes), prefix),
    [`${prefix}head.mean`]: { shape: [features], dtype: 'float32' },
  };
};

/**
 * All that is between records and what the app says of them, as one program: metric `probabilities` [batch, classes].
 * Whole images, normalised; pooled features, with 8 turns their mean over all flips and quarter turns; the head's
 * logits over `temperature` (Guo et al. 2017, equation 9); the mean of the probabilities over the models. The same as
 * `embedProgram`, then `headProbabilities` of each model, as prediction computes it.
 */
export function appliedProgram(context: AppliedContext): Program {
  const { backbone, batch, recordSide, turns, models, classes } = context;
  const { images } = recordSpec(batch, recordSide);
  const each = Array.from({ length: models }, (_, model) => model);
  return {
    name: `applied-${turns}-${backbone.name}`,
    signature: {
      state: {
        temperature: { shape: [], dtype: 'float32' },
        ...Object.assign({}, ...each.map((model) => stateOf(backbone, classes, model))),
      },
      batch: { images: images as TreeSpec[string] },
      hyper: {},
      random: {},
    },
    step({ state, batch: data }) {
      const pictures = wholePictures(context, imagesOf(data));
      const probabilities = each.map((model) => {
        const params = stripPrefix(state, modelPrefix(model));
        const features = pictureFeatures(context, stripPrefix(params, 'backbone.'), pictures);
        return tf.softmax(tf.div(headLogits(features, params), leaf(state, 'temperature')));
      });
      const total = probabilities.reduce((sum, one) => tf.add(sum, one));
      return { state: {}, metrics: { probabilities: tf.div(total, models) } };
    },
  };
}
