import type { ErrorEntry } from '../errors.ts';

export const seatErrors = {
  'seat.rater': {
    message: 'This link was made for {bound}, and {claimed} was named.',
    safe: 'Nothing was done.',
    action: 'Ask for a link of your own: `acclimate link --rater NAME` on the computer that serves.',
    exit: 2,
  },
  'seat.path': {
    message: 'That place is outside the folders this server may use.',
    safe: 'Nothing was read or written.',
    action: 'Choose a folder below one that is offered, or start the server with a further `--root`.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorEntry>;
