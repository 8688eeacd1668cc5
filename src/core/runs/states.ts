import type { RunState } from '../../contract/runs.ts';

/**
 * Where a run can go from where it is. Cancel has three states: requested, stopping (the engine ends its step and
 * saves), cancelled.
 */
export const transitions: Readonly<Record<RunState, readonly RunState[]>> = {
  planned: ['running', 'cancelled', 'failed', 'interrupted'],
  running: ['pausing', 'paused', 'cancel-requested', 'interrupted', 'stopped', 'failed', 'finished'],
  pausing: ['paused', 'cancel-requested', 'interrupted', 'stopped', 'failed', 'finished'],
  paused: ['running', 'cancelled'],
  'cancel-requested': ['stopping', 'interrupted'],
  stopping: ['cancelled', 'interrupted'],
  cancelled: ['running'],
  interrupted: ['running', 'cancelled'],
  stopped: [],
  failed: ['running', 'cancelled'],
  finished: [],
};

/** States in which some process works on the run. A row that says so without such a process was interrupted. */
export const activeStates: readonly RunState[] = ['planned', 'running', 'pausing', 'cancel-requested', 'stopping'];
export const resumableStates: readonly RunState[] = ['interrupted', 'paused', 'cancelled', 'failed'];

export const isActive = (state: RunState): boolean => activeStates.includes(state);
