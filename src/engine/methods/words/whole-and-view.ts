import type { AdaptContext, Signature } from '../types.ts';
import { viewInputs } from '../view-inputs.ts';

/** A view, and the whole picture whose words it is to tell. */
export const wholeAndView = (context: AdaptContext) => {
  const { size, views } = context;
  return viewInputs({ view: { preset: views, count: 1, size }, whole: { preset: 'whole', count: 1, size } }, context);
};

/** How methods with words fail. */
export const wordsSignature: Signature = {
  text: 'All images are made of the same one or two words: learning is stopped, as by collapse.',
  sign: { metric: 'wordsInUse', floor: 2, means: 'collapsed' },
};
