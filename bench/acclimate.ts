import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';

const launcher = fileURLToPath(new URL('../bin/acclimate.mjs', import.meta.url));

/** Runs a command of the product, and reads the one object it prints. */
export function acclimate<S extends z.ZodType>(schema: S, ...words: string[]): z.infer<S> {
  console.error(`acclimate ${words.join(' ')}`);
  const { stdout, status } = spawnSync(process.execPath, [launcher, ...words, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  // A table with a cell that has no result, as where learning collapsed, is a table.
  const isTable = words[0] === 'compare' && status === 1;
  if (status !== 0 && !isTable) throw new Error(`acclimate ${words[0]} ended with ${status}: ${stdout}`);
  return schema.parse(JSON.parse(stdout));
}
