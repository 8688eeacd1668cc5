/**
 * Does a run that is killed again and again end with the same bytes as one that was not? Adapts twice to the sample
 * library with the product's own commands; the second time every process of the command is killed with -9 at a random
 * moment, and resumed, 20 times.
 *
 *   npm run bench:kill -- [--kills 20]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' } } });
const kills = Number(values.kills);
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const launcher = path('../bin/acclimate.mjs');
const options = ['--epochs', '8', '--max-images', '192', '--seeds', '1', '--seed', '3', '--size', '64'];

function acclimate(...words: string[]): string {
  const { stdout, status } = spawnSync(process.execPath, [launcher, ...words, '--json'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`acclimate ${words.join(' ')} ended with ${status}: ${stdout}`);
  return stdout;
}

const runsSchema = z.object({ runs: z.array(z.object({ id: z.string(), state: z.string(), fraction: z.number() })) });
const lastRun = (project: string) => runsSchema.parse(JSON.parse(acclimate('runs', project))).runs[0];

function adaptedHash(project: string): string {
  const file = join(project, 'runs', lastRun(project)?.id ?? '', 'adapt', 'seed-0.safetensors');
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Starts a command in a process group of its own and kills the group after that many milliseconds. */
async function killedAfter(milliseconds: number, words: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [launcher, ...words], { detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const killed = await Promise.race([after(milliseconds, true), ended.then(() => false)]);
  if (killed) process.kill(-(child.pid as number), 'SIGKILL');
  await ended;
  return killed;
}

const folder = mkdtempSync(join(tmpdir(), 'acclimate-kill-'));
try {
  const [whole, killed] = ['whole', 'killed'].map((name) => join(folder, name)) as [string, string];
  for (const project of [whole, killed]) acclimate('import', path('../resources/sample/images'), '--project', project);
  const started = performance.now();
  acclimate('adapt', whole, ...options);
  const seconds = (performance.now() - started) / 1000;
  console.log(`uninterrupted: ${seconds.toFixed(0)} s, ${adaptedHash(whole).slice(0, 16)}`);
  let done = 0;
  let different = 0;
  let runs = 0;
  while (done < kills) {
    const before = lastRun(killed)?.id;
    const isStarted = (): boolean => lastRun(killed)?.id !== before;
    while (done < kills) {
      const moment = 500 + 1000 * Math.random() * Math.min(20, seconds / 2);
      if (!(await killedAfter(moment, isStarted() ? ['resume', killed] : ['adapt', killed, ...options]))) break;
      // Killed before its row was there, it left nothing to resume.
      if (!isStarted()) continue;
      const { state = '', fraction = 0 } = lastRun(killed) ?? {};
      done++;
      console.log(`kill ${done} after ${(moment / 1000).toFixed(1)} s: ${state} at ${Math.round(100 * fraction)} %`);
    }
    if (lastRun(killed)?.state !== 'finished') acclimate('resume', killed);
    runs++;
    if (adaptedHash(killed) !== adaptedHash(whole)) different++;
  }
  console.log(`${done} kills over ${runs} runs: ${different === 0 ? 'the same bytes' : `${different} DIFFERENT`}`);
  console.log(acclimate('audit', 'verify', killed).trim());
  process.exitCode = different === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
