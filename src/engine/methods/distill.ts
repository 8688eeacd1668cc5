import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { backbone as registered, backboneNames } from '../backbones/registry.ts';
import { leaf } from '../nn/tree.ts';
import { unitRows } from './losses/cosine.ts';
import { dense } from './pretext/parts.ts';
import { textOf, trainingSettings } from './settings.ts';
import type { Method } from './types.ts';
import { viewInputs } from './view-inputs.ts';

/**
 * Distillation of a larger backbone, adapted or as it comes, on the images without labels: a projection r of the
 * student's features tells the direction of the teacher's, ½‖r(s) − t‖² of rows of length 1 (Romero et al. 2015,
 * equation 3), both of the same view (Beyer et al. 2022, section 3: a consistent teacher). The teacher's features are
 * taken from their mean first: what all images share would be most of their direction.
 */
export const distill: Method = {
  name: 'distill',
  summary: 'Learns to see as a larger model does, one that was adapted in an earlier run or as it comes.',
  source: 'Romero et al. 2015, FitNets, arXiv:1412.6550; Beyer et al. 2022, Knowledge distillation, arXiv:2106.05237',
  settings: {
    ...trainingSettings,
    teacher: { value: 'efficientnet-lite2', gloss: 'Backbone that is learned from.', choices: backboneNames },
    teacherRun: { value: '', gloss: 'Run of this project that adapted it; empty: as it comes.' },
  },
  defaults: { batch: 64, epochs: 8 },
  task: { kind: 'explained', chance: () => 0 },
  signature: { text: "The teacher's features are told no better than by their mean: it is reported as stalled." },
  teacher: (settings) => ({ backbone: textOf(settings, 'teacher'), run: textOf(settings, 'teacherRun') }),
  objective(context) {
    const { backbone, settings, size, views, backboneOf = registered } = context;
    const teacher = backboneOf(textOf(settings, 'teacher'));
    return {
      name: 'distill',
      parts: { projection: dense(backbone.features, teacher.features) },
      target: null,
      teacher,
      buffers: { mean: { shape: [teacher.features], dtype: 'float32' } },
      ...viewInputs({ view: { preset: views, count: 1, size } }, context),
      sees: { online: ['view'], target: ['view'] },
      hyper: () => ({}),
      loss({ online, target, part, buffers }) {
        const told = unitRows(part('projection', leaf(online, 'view')));
        const aim = unitRows(tf.sub(leaf(target, 'view'), leaf(buffers, 'mean')));
        const cosine: TF.Scalar = tf.mean(tf.sum(tf.mul(told, aim), 1));
        return { loss: tf.sub(1, cosine), metrics: { task: cosine } };
      },
      async begin({ places }) {
        const { shape, data } = await places();
        const [rows = 0, width = 0] = shape;
        const mean = new Float64Array(width);
        data.forEach((value, k) => (mean[k % width] = (mean[k % width] as number) + value / rows));
        return { mean: { shape: [width], dtype: 'float32', data: Float32Array.from(mean) } };
      },
    };
  },
};
