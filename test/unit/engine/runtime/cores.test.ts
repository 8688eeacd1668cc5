import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { linuxCores, physicalCores } from '../../../../src/engine/runtime/cores.ts';

test('threads of one core are one, and cores that may not be used are none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-cores-'));
  // Four cores of two threads each, numbered as Linux does: the second threads after all first ones.
  for (let thread = 0; thread < 8; thread++) {
    const topology = join(folder, `cpu${thread}`, 'topology');
    mkdirSync(topology, { recursive: true });
    writeFileSync(join(topology, 'thread_siblings_list'), `${thread % 4},${(thread % 4) + 4}\n`);
  }
  mkdirSync(join(folder, 'cpufreq'));
  assert.equal(linuxCores(folder, '0-7'), 4);
  assert.equal(linuxCores(folder, '0-1,4'), 2, 'threads 0 and 4 are of one core');
  assert.equal(linuxCores(folder, '6'), 1);
  assert.equal(linuxCores(folder, ''), null);
  rmSync(folder, { recursive: true });
});

test('this machine has between one core and as many as it has threads', () => {
  const cores = physicalCores();
  assert.ok(Number.isInteger(cores) && cores >= 1 && cores <= availableParallelism());
});
