import { inspect } from 'node:util';
import { ipcPort, TEXT_FRAMES } from './transports.ts';
import type { Port } from './types.ts';

/** Sets a child process up: it lives as long as its parent, ignores Ctrl-C (the shell decides), and says why it dies. */
export function runChild(): { port: Port; onError: (error: unknown) => void } {
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  const debug = process.env['ACCLIMATE_DEBUG'] === '1';
  return {
    port: ipcPort(process, process.env[TEXT_FRAMES] === '1'),
    onError: (error) => {
      if (debug) process.stderr.write(`${inspect(error)}\n`);
    },
  };
}
