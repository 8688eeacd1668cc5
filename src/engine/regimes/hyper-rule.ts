import type { FinetuneRecipe } from './types.ts';

/**
 * BiT-HyperRule (Kolesnikov et al. 2020, section 3.3, and `bit_hyperrule.py` of google-research/big_transfer): how long
 * to fine-tune, and whether to mix images, by the number of labelled images alone. SGD with momentum 0.9 and a top rate
 * of 0.003, no weight decay. Here with 32 images a step instead of 512: few labels are fewer than that.
 */
export function hyperRule(examples: number): FinetuneRecipe & { readonly steps: number } {
  const milestones = milestonesOf(examples);
  const [rise, ...drops] = milestones as [number, ...number[]];
  return {
    optimizer: 'sgd',
    backbone: 0.003,
    head: 0.003,
    weightDecay: 0,
    steps: drops.at(-1) as number,
    mixUp: examples < 20_000 ? 0 : 0.1,
    share: (step) => (step < rise ? step / rise : 0.1 ** drops.filter((drop) => drop < step).length),
  };
}

/** End of the rise, the steps after which the rate falls to a tenth, and the last step. */
function milestonesOf(examples: number): readonly number[] {
  if (examples < 20_000) return [100, 200, 300, 400, 500];
  if (examples < 500_000) return [500, 3000, 6000, 9000, 10_000];
  return [500, 6000, 12_000, 18_000, 20_000];
}
