import { generator } from './random.ts';

/** Which images a step sees: a pure function of (seed, step), so a resumed run needs nothing but the step. */
export interface Sampler {
  readonly stepsPerEpoch: number;
  /** Entries of `ids` for this step, `batch` of them. */
  batch(step: number): Int32Array;
}

/**
 * One permutation of `ids` per epoch; the last, incomplete batch is dropped. With fewer ids than a batch,
 * an epoch is one batch in which the permutation repeats.
 */
export function createSampler(ids: readonly number[], batch: number, seed: number): Sampler {
  if (ids.length === 0) throw new RangeError('a sampler needs at least one id');
  const stepsPerEpoch = Math.max(1, Math.floor(ids.length / batch));
  let epoch = -1;
  let order: Int32Array = new Int32Array();
  return {
    stepsPerEpoch,
    batch(step) {
      const wanted = Math.floor(step / stepsPerEpoch);
      if (wanted !== epoch) {
        order = generator(seed, 'order', wanted).permutation(ids.length);
        epoch = wanted;
      }
      const start = (step % stepsPerEpoch) * batch;
      return Int32Array.from({ length: batch }, (_, i) => ids[order[(start + i) % ids.length] as number] as number);
    },
  };
}
