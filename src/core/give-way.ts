import { constants, setPriority } from 'node:os';

/**
 * Called by a thread that works on a whole library: whoever answers a key goes first. Only Linux knows priorities of
 * threads; elsewhere it would be that of all of core.
 */
export function giveWay(): void {
  if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
}
