import { inspect } from 'node:util';
import { ipcPort } from './transports.ts';
import type { Port } from './types.ts';
import { parentPort, utilityPort } from './utility-port.ts';

/** Sets a child process up: it lives as long as its parent, ignores Ctrl-C (the shell decides), and says why it dies. */
export function runChild(): { port: Port; onError: (error: unknown) => void } {
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  const debug = process.env['ACCLIMATE_DEBUG'] === '1';
  const window = parentPort();
  return {
    port: window ? utilityPort(window) : ipcPort(process),
    onError: (error) => {
      if (debug) process.stderr.write(`${inspect(error)}\n`);
    },
  };
}
