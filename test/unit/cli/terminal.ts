import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

export interface Ended {
  status: number | null;
  out: string;
  err: string;
}

export interface Terminal {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** The real command line in a process of its own. */
export function start(...args: string[]): Terminal {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (status) => resolve({ status, out, err })));
  return { child, ended };
}

export const acclimate = (...args: string[]): Promise<Ended> => start(...args).ended;

/** Resolves when standard error has shown the text. */
export const shown = (terminal: Terminal, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let seen = '';
    terminal.child.stderr!.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(text)) resolve();
    });
    terminal.child.once('close', () => reject(new Error(`ended before "${text}":\n${seen}`)));
  });
