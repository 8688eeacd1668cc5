import { tf } from '../tf.ts';
import { fourTurns } from '../augment/whole.ts';
import { leaf } from '../nn/tree.ts';
import { classify } from './pretext/classes.ts';
import { dense } from './pretext/parts.ts';
import { trainingSettings } from './settings.ts';
import type { AdaptContext, Method, Objective } from './types.ts';
import { viewInputs } from './view-inputs.ts';

const TURNS = 4;

/** The task alone: BoWNet's first teacher learns by it too. */
export function rotationObjective(context: AdaptContext): Objective {
  const { backbone, batch, size, views } = context;
  // Turned or upside down by chance, a picture would not tell its turn any more.
  const preset = { ...views, flipVertical: 0, quarterTurn: 0 };
  const inputs = viewInputs({ upright: { preset, count: 1, size } }, context);
  return {
    name: 'rotation',
    parts: { turn: dense(backbone.features, TURNS) },
    target: null,
    ...inputs,
    pictures: (data, random) => ({ turned: fourTurns(leaf(inputs.pictures(data, random), 'upright')) }),
    sees: { online: ['turned'], target: [] },
    oneBatch: ['turned'],
    hyper: () => ({}),
    loss({ online, part }) {
      const turns = tf.tensor1d(
        Int32Array.from({ length: TURNS * batch }, (_, i) => Math.floor(i / batch)),
        'int32',
      );
      return classify(part('turn', leaf(online, 'turned')), turns);
    },
  };
}

/** Rotation prediction: which of four quarter turns a picture was given; all four of each picture at once, equation 2. */
export const rotation: Method = {
  name: 'rotation',
  summary: 'Tells by how many quarter turns a picture was turned; only for images with a fixed up.',
  source: 'Gidaris et al. 2018, Unsupervised Representation Learning by Predicting Image Rotations, arXiv:1803.07728',
  settings: trainingSettings,
  defaults: { batch: 32, epochs: 4 },
  task: { kind: 'accuracy', chance: () => 1 / TURNS },
  signature: {
    text: 'The turn is told no better than by chance, as where images have no fixed up: it is reported as stalled.',
  },
  objective: rotationObjective,
};
