import type { RegimeName } from '../../contract/run-files.ts';
import { hyperRule } from './hyper-rule.ts';
import type { FinetuneContext } from './types.ts';

/** A way to learn from labels. All start from the probe. */
export interface Regime {
  readonly name: RegimeName;
  /** One plain sentence. */
  readonly summary: string;
  /** What of the backbone trains; null leaves it as it is. */
  readonly trains: FinetuneContext['trains'] | null;
  /** How and for how long, by the number of labels; the measured way where there is none. */
  readonly rule?: typeof hyperRule;
  /** Share of the steps in which only the head trains. */
  readonly headShare: number;
}

/** Every regime there is, the cheapest first: between equals the earlier one is chosen. */
export const regimes: Readonly<Record<RegimeName, Regime>> = {
  probe: {
    name: 'probe',
    summary: 'A linear classifier on the features of the backbone, which stays as it is.',
    trains: null,
    headShare: 0,
  },
  norm: {
    name: 'norm',
    summary: 'The classifier and the scales and shifts of the normalisation layers.',
    trains: 'norm',
    headShare: 0,
  },
  staged: {
    name: 'staged',
    summary: 'The classifier first, on varied views, then everything.',
    trains: 'all',
    headShare: 1 / 3,
  },
  full: {
    name: 'full',
    summary: 'The classifier and the whole backbone together.',
    trains: 'all',
    headShare: 0,
  },
  'hyper-rule': {
    name: 'hyper-rule',
    summary:
      'Everything together, as the authors of BiT train: SGD for 500 steps or more, by the number of labels alone.',
    trains: 'all',
    headShare: 0,
    rule: hyperRule,
  },
};

export const FINETUNE_BATCH = 32;

/**
 * Steps of fine-tuning by labels per class: 60 at 5 and 100 at 20, as measured, and 20 more for every doubling;
 * at least 30 and at most 400.
 */
export const finetuneSteps = (labels: number, classes: number): number =>
  Math.round(Math.min(400, Math.max(30, 60 + 20 * Math.log2(labels / classes / 5))));
