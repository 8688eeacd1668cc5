import type { Method, Settings, Signature } from './types.ts';

/** A success at most so much above chance is none. */
const BY_CHANCE = 1.2;
const UNEXPLAINED = 0.02;

/** The metric that shows a method failing, and when: its own, or the success in its task. */
export function signOf({ task, signature }: Method, settings: Settings): Signature['sign'] {
  if (signature.sign || !task) return signature.sign;
  const floor = task.kind === 'accuracy' ? BY_CHANCE * task.chance(settings) : UNEXPLAINED;
  return { metric: 'task', floor, means: 'stalled' };
}
