import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { miniRun } from './mini-run.ts';

const child = fileURLToPath(new URL('./adapt-child.ts', import.meta.url));

/** Runs the adaptation; with `killAfter`, ends it that many milliseconds after its first step. @returns its last line */
async function session(folder: string, killAfter?: number): Promise<{ last: string; seconds: number }> {
  const process_ = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = '';
  let begun = NaN;
  createInterface({ input: process_.stdout }).on('line', (line) => {
    last = line;
    if (line !== 'started') return;
    begun = performance.now();
    if (killAfter !== undefined) setTimeout(() => process_.kill('SIGKILL'), killAfter);
  });
  await once(process_, 'close');
  return { last, seconds: (performance.now() - begun) / 1000 };
}

test('killed at three random moments, the adaptation ends with the bytes of one that was not', async (t) => {
  const adapt = { epochs: 4, batch: 2, maxImages: 18 };
  const { folder: reference, project } = await miniRun({ adapt, runId: 'reference' });
  const whole = await session(reference);
  assert.match(whole.last, /^finished [0-9a-f]{64}$/);
  const { folder } = await miniRun({ adapt, runId: 'killed', project });
  for (let kill = 0; kill < 3; kill++) {
    const moment = Math.random() * 0.2 * 1000 * whole.seconds;
    t.diagnostic(`kill ${kill + 1} comes ${moment.toFixed(0)} ms after the first step`);
    assert.equal((await session(folder, moment)).last, 'started');
    await assert.rejects(access(join(folder, 'adapt', 'seed-0.safetensors')));
  }
  assert.equal((await session(folder)).last, whole.last);
});
