import type { ErrorEntry } from '../errors.ts';

export const mapErrors = {
  'map.none': {
    message: 'The map of run {run} was not made yet.',
    safe: 'Nothing was changed.',
    action: 'Make it on the Map tab of Results.',
    exit: 1,
  },
  'map.busy': {
    message: 'Another map of this project is being made.',
    safe: 'Nothing was changed.',
    action: 'Wait until it is there, or cancel it.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;
