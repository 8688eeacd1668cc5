/** Where in the schedule a step is. */
export interface Moment {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

export interface Schedule {
  /** Steps of the whole run. */
  readonly total: number;
  /** First steps, in which the backbone is held and only the heads train. */
  readonly warmUp: number;
}

/**
 * Heads warm up for the given number of epochs, but never for more than half of the run.
 */
export function scheduleOf({ stepsPerEpoch, epochs }: Moment, warmUpEpochs: number): Schedule {
  const total = stepsPerEpoch * epochs;
  return { total, warmUp: Math.min(Math.round(warmUpEpochs * stepsPerEpoch), Math.floor(total / 2)) };
}

/** Share of the top rate at `step` of `total`, both from 0: linear rise over the first tenth, cosine to 0. */
export function riseAndCosine(step: number, total: number): number {
  const rise = Math.max(1, Math.round(total / 10));
  if (step < rise) return (step + 1) / rise;
  return (1 + Math.cos((Math.PI * (step - rise)) / Math.max(1, total - rise))) / 2;
}

/** Decay of the target network: 1 − (1 − τ₀)(cos(πk/K) + 1)/2 (Grill et al. 2020, section 3.2). */
export function targetDecay(start: number, step: number, total: number): number {
  return 1 - ((1 - start) * (Math.cos((Math.PI * step) / total) + 1)) / 2;
}
