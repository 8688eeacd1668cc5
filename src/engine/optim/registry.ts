import { adamW } from './adamw.ts';
import { lars } from './lars.ts';
import { sgd } from './sgd.ts';
import type { Optimizer } from './types.ts';

/** Every optimizer there is, with its usual constants. */
export const optimizers = { adamw: adamW, sgd, lars } as const satisfies Readonly<Record<string, () => Optimizer>>;
export type OptimizerName = keyof typeof optimizers;
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];
