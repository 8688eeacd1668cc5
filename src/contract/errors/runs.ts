import type { ErrorEntry } from '../errors.ts';

export const runErrors = {
  'run.cancelled': {
    message: 'The run was cancelled.',
    safe: 'Labels, earlier results and the last saved point are kept.',
    action: 'Start it again with `acclimate run`, or go on from the saved point with `acclimate resume`.',
    exit: 1,
  },
  'disk.full': {
    message: 'The disk is full, so the run is paused at a saved point.',
    safe: 'All labels are saved, and everything up to the saved point.',
    action: 'Free some space, then run `acclimate resume`.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;
