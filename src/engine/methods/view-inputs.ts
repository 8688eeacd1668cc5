import type * as TF from '@tensorflow/tfjs';
import { drawViewSets, multiCrop, viewSetsSpec, viewsOf, type ViewSets } from '../augment/view-sets.ts';
import { tf } from '../tf.ts';
import { numberOf } from './settings.ts';
import type { AdaptContext, Objective } from './types.ts';

/** What an objective over random views takes and looks at. */
export const viewInputs = (
  sets: ViewSets,
  { batch }: AdaptContext,
): Pick<Objective, 'random' | 'draw' | 'pictures'> => ({
  random: viewSetsSpec(sets, batch),
  draw: (generator) => drawViewSets(sets, batch, generator),
  pictures: (inputs, random) => viewsOf(inputs, random, sets),
});

/** Two views and small crops, as the method's settings say. */
export const cropsOf = ({ settings, views, size }: AdaptContext): ViewSets =>
  multiCrop(views, size, numberOf(settings, 'smallCrops'), numberOf(settings, 'smallSize'));

/** View one's rows and view two's rows change places. @param x [2·batch, d] */
export const swapped = (x: TF.Tensor2D): TF.Tensor2D => {
  const [one, two] = tf.split(x, 2) as [TF.Tensor2D, TF.Tensor2D];
  return tf.concat([two, one]);
};

/** The rows of each view. @param x [views·batch, …] */
export const eachView = <T extends TF.Tensor>(x: T, batch: number): T[] =>
  // Of a split into one part TF.js cannot take the gradient.
  x.shape[0] === batch ? [x] : tf.split(x, (x.shape[0] ?? batch) / batch);
