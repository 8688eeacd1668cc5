import type { Settings } from '../../src/engine/methods/types.ts';

/** How a method is run: small enough for about a minute of two cores. */
export interface Recipe {
  readonly size: number;
  readonly batch: number;
  readonly epochs: number;
  readonly settings: Settings;
}

/**
 * One recipe for all. Batch statistics and no warm-up, as there is nothing pretrained to keep; rates twice those that adapt
 * pretrained weights.
 */
const common: Recipe = {
  size: 32,
  batch: 64,
  epochs: 6,
  settings: { statistics: 'batch', warmUpEpochs: 0, learningRate: 1e-3, headRate: 1e-3, smallCrops: 2 },
};

const own: Readonly<Record<string, Partial<Recipe>>> = {
  // Its predictor has to be ahead of the backbone.
  simsiam: { settings: { learningRate: 5e-4, headRate: 5e-3 } },
  // With as many prototypes as images in a batch, assignments of like features stay nearly even.
  swav: { settings: { prototypes: 32, epsilon: 0.03 } },
  // Words need places: a map of 2 × 2 instead of one vector.
  obow: { size: 64 },
  // Passes are shared out between three trainings, of which only the last makes the student that is kept. A teacher that
  // learned little tells few words apart.
  bownet: { size: 48, epochs: 24, settings: { words: 32 } },
  // All four turns of an image in a step.
  rotation: { epochs: 4 },
  // Two tiles an image tell little a step; tiles are seen at half of the side.
  'relative-patch': { size: 64, epochs: 10 },
  // Nine tiles an image: a pass takes four times as long.
  jigsaw: { epochs: 4 },
  // The teacher is a whole backbone, with the weights it comes with, and is not made for small pictures.
  distill: { size: 64, epochs: 4, settings: { teacher: 'efficientnet-lite0' } },
};

/** The recipe of a method; settings that it does not declare are left out. */
export function recipeOf(name: string, declared: Settings | object): Recipe {
  const { settings = {}, ...others } = own[name] ?? {};
  const wanted = { ...common.settings, ...settings };
  const known = Object.fromEntries(Object.entries(wanted).filter(([setting]) => setting in declared));
  return { ...common, ...others, settings: known };
}
