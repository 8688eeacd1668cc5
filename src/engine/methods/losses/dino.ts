import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';

export interface DinoTemperatures {
  readonly teacher: TF.Scalar;
  readonly student: TF.Scalar;
}

/** What the teacher says: scores centred and sharpened (Caron et al. 2021, equation 1 and section 3.1). @returns [n, d] */
export function teacherProbabilities(scores: TF.Tensor2D, centre: TF.Tensor1D, temperature: TF.Scalar): TF.Tensor2D {
  return tf.softmax(tf.div(tf.sub(scores, centre), temperature) as TF.Tensor2D);
}

/**
 * Cross-entropy of the student's views against the teacher's whole views (Caron et al. 2021, equation 3), a view never
 * against itself; mean over pairs and images.
 * @param teacher scores [n, d] of whole views; not differentiated
 * @param student scores of the same views, then of small crops
 * @param centre [d]
 */
export function dinoLoss(
  teacher: readonly TF.Tensor2D[],
  student: readonly TF.Tensor2D[],
  centre: TF.Tensor1D,
  temperatures: DinoTemperatures,
): TF.Scalar {
  const views = student.map((scores) => tf.logSoftmax(tf.div(scores, temperatures.student)));
  const terms = teacher.flatMap((scores, i) => {
    const aim = teacherProbabilities(scores, centre, temperatures.teacher);
    return views.filter((_, v) => v !== i).map((view) => tf.neg(tf.mean(tf.sum(tf.mul(aim, view), 1))));
  });
  return tf.div(tf.addN(terms), terms.length);
}

/**
 * The centre follows the mean of the teacher's scores (Caron et al. 2021, equation 4).
 * @param teacher [n, d], all views
 * @param share 1 − m, scalar
 */
export function movedCentre(centre: TF.Tensor1D, teacher: TF.Tensor2D, share: TF.Scalar): TF.Tensor1D {
  return tf.add(centre, tf.mul(tf.sub(tf.mean(teacher, 0), centre), share));
}
