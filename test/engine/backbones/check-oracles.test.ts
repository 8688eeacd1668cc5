import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../../bench/check-oracles.ts', import.meta.url));
const metrics = new URL('../../fixtures/oracles/metrics.json', import.meta.url);

const run = (...args: string[]): Promise<{ status: number; output: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
    execFile(process.execPath, [command, ...args], { env }, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });

describe('check:oracles', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acclimate-oracles-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('passes over good values, and says what it cannot compare', async () => {
    await writeFile(join(folder, 'metrics.json'), await readFile(metrics));
    await writeFile(join(folder, 'backbone_vgg11_96.json'), JSON.stringify({ ...minimal, timm: 'vgg11' }));
    await writeFile(join(folder, 'other.json'), '{}');
    const { status, output } = await run(folder, '--engine', 'eager');
    assert.match(output, /ok +metrics\.json: worst .* 42 compared/);
    assert.match(output, /absent +backbone_vgg11_96\.json: vgg11/);
    assert.match(output, /absent +other\.json/);
    assert.equal(status, 0);
  });

  it('fails where one value is off, and where a file cannot be read', async () => {
    const sets = JSON.parse(await readFile(metrics, 'utf8')) as { brier: number }[];
    (sets[1] as { brier: number }).brier += 1e-8;
    await writeFile(join(folder, 'metrics.json'), JSON.stringify(sets));
    await writeFile(join(folder, 'losses.json'), '{');
    const { status, output } = await run(folder, '--engine', 'eager');
    assert.match(output, /FAILED +1\.0e-8 .* brier \(80 images/);
    assert.match(output, /FAILED +losses\.json/);
    assert.equal(status, 1);
  });

  it('is used with a folder', async () => {
    const { status, output } = await run();
    assert.equal(status, 2);
    assert.match(output, /^use: /);
    assert.equal((await run(join(folder, 'nowhere'))).status, 2);
  });
});

const minimal = {
  input: { batch: 1, size: 32, seed: 1, range: '(u+1)/2 then *2-1' },
  features_first16: [[0]],
  features_norm: [0],
  logits: [[0]],
};
