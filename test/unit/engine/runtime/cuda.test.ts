import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CUDA_FOLDER, cudaMissing } from '../../../../src/engine/runtime/cuda.ts';
import { neededBy } from '../../../../src/engine/runtime/needed-libraries.ts';
import { report } from '../../../../src/engine/runtime/probe-all.ts';
import { probe } from '../../../../src/engine/runtime/probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'cuda-'));
process.env['XDG_CONFIG_HOME'] = join(folder, 'settings');
after(() => rmSync(folder, { recursive: true }));
const skip = process.platform === 'linux' && process.arch === 'x64' ? false : 'CUDA is had on Linux x64 only';
const shared = 'libonnxruntime_providers_shared.so';
const provider = 'libonnxruntime_providers_cuda.so';

test('what lacks for CUDA is told by name', { skip }, () => {
  delete process.env[CUDA_FOLDER];
  assert.match(cudaMissing() ?? '', new RegExp(`${provider} is not installed.*${CUDA_FOLDER}`));
  process.env[CUDA_FOLDER] = folder;
  assert.match(cudaMissing() ?? '', new RegExp(`holds no ${shared} and no ${provider}`));
  writeFileSync(join(folder, shared), '');
  assert.match(cudaMissing() ?? '', new RegExp(`holds no ${provider}`));
});

test(
  'a provider of CUDA that cannot be loaded is told with the reason, and the processor stays',
  { skip },
  async () => {
    process.env[CUDA_FOLDER] = folder;
    for (const name of [shared, provider]) writeFileSync(join(folder, name), 'no library');
    assert.equal(cudaMissing(), null);
    const { available, reason } = report({ name: 'cuda' }, await probe('cuda'), 1);
    assert.equal(available, false);
    // By way of the links: ONNX Runtime looks nowhere but beside its own library.
    assert.match(
      reason ?? '',
      new RegExp(`It cannot be opened: ${process.env['XDG_CONFIG_HOME']}/.*/${shared}: file too short`),
    );
    const script = `
    import { createProviderExecutor } from ${JSON.stringify(new URL('../../../../src/engine/runtime/executor.ts', import.meta.url).href)};
    console.log((await createProviderExecutor('cpu')).name);`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.match(stdout, /^cpu/);
  },
);

test('what a library needs is read from it, in its order, and a file that is none is refused', { skip }, () => {
  const binding = createRequire(import.meta.url).resolve(
    'onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
  );
  const names = neededBy(binding);
  assert.equal(names[0], 'libonnxruntime.so.1');
  assert.ok(names.includes('libc.so.6'));
  const text = join(folder, 'text');
  writeFileSync(text, 'no library, but longer than the header of one would be, so that only what it says can tell');
  assert.throws(() => neededBy(text), /invalid ELF header/);
});
