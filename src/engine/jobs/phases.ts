import { adaptProgram } from '../methods/program.ts';
import type { AdaptContext, AdaptProgram, Method, Objective } from '../methods/types.ts';
import type { Moment } from '../optim/schedules.ts';

/** One of the trainings a method is made of, most often the only one. */
export interface Phase {
  readonly objective: Objective;
  readonly program: AdaptProgram;
  /** Passes it takes, from the first to before the last. */
  readonly from: number;
  readonly to: number;
}

/** The trainings of a method over so many passes: each as long as the others, as far as whole passes allow. */
export function phasesOf(method: Method, context: AdaptContext, epochs: number): readonly Phase[] {
  const objectives = method.phases?.(context) ?? [method.objective(context)];
  const begins = (phase: number): number => Math.round((epochs * phase) / objectives.length);
  return objectives.map((objective, i) => ({
    objective,
    program: adaptProgram(objective, context),
    from: begins(i),
    to: begins(i + 1),
  }));
}

/** The phase a pass belongs to; the last one after all of them. */
export function phaseAt(phases: readonly Phase[], pass: number): Phase {
  return phases.find(({ from, to }) => from <= pass && pass < to) ?? (phases.at(-1) as Phase);
}

/** Where a step of the whole is within its phase. */
export const momentOf = ({ from, to }: Phase, step: number, stepsPerEpoch: number): Moment => ({
  step: step - from * stepsPerEpoch,
  stepsPerEpoch,
  epochs: to - from,
});
