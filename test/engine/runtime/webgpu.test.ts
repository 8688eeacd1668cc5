import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { vulkanDriver } from '../support/vulkan.ts';
import type { Told } from '../support/webgpu-steps.ts';

const folder = mkdtempSync(join(tmpdir(), 'vulkan-'));
after(() => rmSync(folder, { recursive: true }));
const driver = vulkanDriver(folder);
const skip = 'missing' in driver && driver.missing;

test('on WebGPU the state stays on the device from step to step, and steps are those of eager', { skip }, () => {
  assert.ok('env' in driver);
  const script = fileURLToPath(new URL('../support/webgpu-steps.ts', import.meta.url));
  const child = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env: { ...process.env, ...driver.env },
    encoding: 'utf8',
  });
  assert.equal(child.status, 0, child.stderr);
  const { error, calls } = JSON.parse(child.stdout) as Told;
  assert.ok(error <= 1e-5, `differs from eager by ${error}`);
  const device = 'gpu-buffer';
  // Read: what was made of the fixed layer, the trained one and its momentum.
  assert.deepEqual(
    calls,
    Array(4).fill({ read: Array(3).fill(device), written: Array(2).fill(device), metrics: ['cpu'] }),
  );
});
