import '../projects/settings-home.ts';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ownSeat } from '../../../../src/contract/seat.ts';
import type { EngineCalls } from '../../../../src/contract/engine-calls.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { handlers as runHandlers } from '../../../../src/core/runs/handlers.ts';
import { handlers } from '../../../../src/core/weights/handlers.ts';
import { findWeights } from '../../../../src/engine/weights/manifest.ts';
import { handlers as engineHandlers } from '../../../../src/engine/handlers.ts';
import { projectWeightsFolder, userWeightsFolder } from '../../../../src/files/weights-folder.ts';
import { sampleEngine } from '../runs/sample-engine.ts';
import { sampleProject } from '../runs/sample-project.ts';

after(closeProjects);

const shipped = fileURLToPath(
  new URL('../../../../resources/backbones/efficientnet-lite0.fp16.safetensors', import.meta.url),
);
const call = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };

test('weights are brought once for every project, and a project keeps those its runs name', async () => {
  const engine = sampleEngine();
  const real = engineHandlers();
  const sample = engine.call.bind(engine);
  // Weights are the engine's own; a run is only played.
  engine.call = ((name: keyof EngineCalls, input: never, options: never) =>
    name === 'weights.import' || name === 'catalogue.list'
      ? real[name](input, call)
      : sample(name, input, options)) as typeof engine.call;
  const weights = handlers({ engine, emit: () => {} });
  const given = { file: shipped, backbone: 'efficientnet-lite0', licence: 'CC0-1.0', source: 'our lab', side: 224 };
  const record = await weights['weights.import'](given, call);
  const { sha256, licence, source } = record;
  assert.deepEqual([licence, source, record.origin.format], ['CC0-1.0', 'our lab', 'safetensors']);
  const listed = await weights['weights.list']({}, call);
  assert.deepEqual(listed.weights, [record]);
  assert.ok(listed.backbones.includes('resnet50'));

  const { project, folder, remove } = await sampleProject({ images: 200 });
  const kept = projectWeightsFolder(folder);
  const audit = (): string[] =>
    project.db.prepare<[], string>(`SELECT payload FROM audit WHERE kind = 'weights'`).pluck().all();
  assert.deepEqual(audit(), []);
  const runs = runHandlers({ engine, emit: () => {} });
  for (let run = 0; run < 2; run++) {
    await runs['runs.start']({ project: folder, shots: 3, draws: 2, seeds: 1, regime: 'probe' }, call);
  }
  assert.deepEqual(
    audit().map((line) => JSON.parse(line) as object),
    [{ backbone: 'efficientnet-lite0', sha256, licence, source }],
  );

  await weights['weights.remove']({ sha256 }, call);
  assert.deepEqual(readdirSync(userWeightsFolder()), []);
  await assert.rejects(weights['weights.remove']({ sha256 }, call), { code: 'weights.unknown' });
  const found = await findWeights('efficientnet-lite0', [kept], sha256);
  assert.deepEqual([found?.sha256, found?.path], [sha256, join(kept, record.file)]);
  remove();
});

test('a file that is refused leaves nothing behind', async () => {
  const home = mkdtempSync(join(tmpdir(), 'acclimate-refused-'));
  const real = engineHandlers();
  const given = { file: fileURLToPath(import.meta.url), backbone: 'resnet18', licence: '', source: '', side: 224 };
  const folder = join(home, 'weights');
  await assert.rejects(real['weights.import']({ ...given, folder }, call), { code: 'weights.format' });
  assert.deepEqual(readdirSync(home), []);
  rmSync(home, { recursive: true });
});
