import { optimizerNames } from '../optim/registry.ts';
import type { Setting, Settings } from './types.ts';

/** Settings of training that every method has, with the values that were measured to work. */
export const trainingSettings = {
  learningRate: { value: 5e-4, gloss: 'Top rate of the backbone.', range: [0, 10] },
  headRate: { value: 1e-3, gloss: 'Rate of what trains beside the backbone.', range: [0, 10] },
  weightDecay: { value: 1e-4, gloss: 'Decoupled weight decay on every parameter.', range: [0, 1] },
  optimizer: {
    value: 'adamw',
    gloss: 'Optimizer; rates are measured for adamw. BYOL was published with lars and a rate of 0.2 for 256 images.',
    choices: optimizerNames,
  },
  warmUpEpochs: {
    value: 1,
    gloss: 'Epochs in which only the heads train; at most half of the run.',
    range: [0, 100],
    unit: 'passes',
  },
  statistics: {
    value: 'frozen',
    gloss:
      "Batch statistics of the backbone's normalisation: kept as pretrained, or taken from each batch, which lost ten points where both were tried. For batch normalisation only: BiT and vision transformers have none.",
    choices: ['frozen', 'batch'],
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** Settings of methods whose heads are projectors and predictors. */
export const sharedSettings = {
  ...trainingSettings,
  headNorm: {
    value: 'batch',
    gloss: 'Normalisation inside the heads; with layer, BYOL gained less.',
    choices: ['batch', 'layer'],
  },
  hidden: { value: 1024, gloss: 'Hidden width of the heads.', range: [8, 8192], whole: true, unit: 'channels' },
  projection: { value: 256, gloss: 'Width of the projection.', range: [8, 8192], whole: true, unit: 'channels' },
} as const satisfies Readonly<Record<string, Setting>>;

/** Settings of methods with small crops beside two whole views (multi-crop). */
export const cropSettings = {
  smallCrops: { value: 4, gloss: 'Small crops of each image beside the two views.', range: [0, 12], whole: true },
  smallSize: { value: 0.5, gloss: 'Side of a small crop over that of a view.', range: [0.1, 1] },
} as const satisfies Readonly<Record<string, Setting>>;

/** A number among the settings. @throws where the method declares none of that name */
export function numberOf(settings: Settings, name: string): number {
  const value = settings[name];
  if (typeof value !== 'number') throw new Error(`setting ${name} is not a number`);
  return value;
}

/** A text among the settings. @throws where the method declares none of that name */
export function textOf(settings: Settings, name: string): string {
  const value = settings[name];
  if (typeof value !== 'string') throw new Error(`setting ${name} is not a text`);
  return value;
}

/** One of the choices of a setting. @throws where it is none of them */
export function choiceOf<const C extends string>(settings: Settings, name: string, choices: readonly C[]): C {
  const value = choices.find((choice) => choice === settings[name]);
  if (value === undefined) throw new Error(`setting ${name} is none of ${choices.join(', ')}`);
  return value;
}
