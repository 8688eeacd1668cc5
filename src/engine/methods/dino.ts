import type * as TF from '@tensorflow/tfjs';
import { leaf } from '../nn/tree.ts';
import { targetDecay } from '../optim/schedules.ts';
import { projector, prototypes } from './heads.ts';
import { dinoLoss, movedCentre, teacherProbabilities } from './losses/dino.ts';
import { cropSettings, numberOf, sharedSettings } from './settings.ts';
import { information, informationLost } from './signs.ts';
import type { Method } from './types.ts';
import { cropsOf, eachView, viewInputs } from './view-inputs.ts';

/**
 * DINO. A student sees views and small crops and predicts what its slowly moving teacher says of the other whole views;
 * the teacher's scores are centred (against one output for all) and sharpened (against all outputs alike): algorithm 1,
 * equations 1 to 4. The head is that of the other methods, with length-1 rows and a weight-normalised last layer.
 */
export const dino: Method = {
  name: 'dino',
  summary:
    'A student that sees small crops predicts what its slow teacher says of whole views; good for parts and texture.',
  source: 'Caron et al. 2021, Emerging Properties in Self-Supervised Vision Transformers, arXiv:2104.14294',
  settings: {
    ...sharedSettings,
    ...cropSettings,
    outputs: {
      value: 256,
      gloss: 'Width of what teacher and student say.',
      range: [2, 65536],
      whole: true,
      unit: 'channels',
    },
    teacherTemperature: { value: 0.04, gloss: 'Sharpness of the teacher; smaller is sharper.', range: [0.01, 1] },
    studentTemperature: { value: 0.1, gloss: 'Sharpness of the student; smaller is sharper.', range: [0.01, 1] },
    centreMomentum: { value: 0.9, gloss: 'How slowly the centre follows.', range: [0, 1] },
    tau: { value: 0.99, gloss: 'How slowly the teacher follows at the start; rises to 1.', range: [0, 1] },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: {
    text: 'The teacher says the same of all images: what it tells about an image falls to 0, and learning is stopped.',
    sign: informationLost,
  },
  objective(context) {
    const { settings, batch } = context;
    const outputs = numberOf(settings, 'outputs');
    const sets = cropsOf(context);
    return {
      name: 'dino',
      parts: {
        projector: projector(context),
        last: prototypes(numberOf(settings, 'projection'), outputs),
      },
      target: ['projector', 'last'],
      buffers: { centre: { shape: [outputs], dtype: 'float32' } },
      ...viewInputs(sets, context),
      sees: { online: Object.keys(sets), target: ['views'] },
      hyper: (step, { total }) => ({
        targetShare: 1 - targetDecay(numberOf(settings, 'tau'), step, total),
        centreShare: 1 - numberOf(settings, 'centreMomentum'),
        teacher: numberOf(settings, 'teacherTemperature'),
        student: numberOf(settings, 'studentTemperature'),
      }),
      loss({ online, target, part, targetPart, hyper, buffers }) {
        const given = (name: string): TF.Scalar => leaf(hyper, name) as TF.Scalar;
        const centre = leaf(buffers, 'centre') as TF.Tensor1D;
        const said = targetPart('last', targetPart('projector', leaf(target, 'views')));
        const student = Object.values(online).flatMap((features) =>
          eachView(part('last', part('projector', features)), batch),
        );
        const temperatures = { teacher: given('teacher'), student: given('student') };
        return {
          loss: dinoLoss(eachView(said, batch), student, centre, temperatures),
          buffers: { centre: movedCentre(centre, said, given('centreShare')) },
          metrics: { information: information(teacherProbabilities(said, centre, temperatures.teacher)) },
        };
      },
    };
  },
};
