import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import type { z } from 'zod';
import { coreCalls } from '../../../../src/contract/core-calls.ts';
import { engineCalls } from '../../../../src/contract/engine-calls.ts';
import type { Manifest, Scored } from '../../../../src/contract/run-files.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import type { Why } from '../../../../src/contract/why.ts';
import type { CoreContext } from '../../../../src/core/context.ts';
import type { Project } from '../../../../src/core/db/open.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { setLabels } from '../../../../src/core/labels/labels.ts';
import { setRun } from '../../../../src/core/projects/board.ts';
import { projectOf } from '../../../../src/core/projects/registry.ts';
import { handlers } from '../../../../src/core/why/handlers.ts';
import { failsWith } from '../library-tools.ts';
import { smallSpec } from '../runs/small-spec.ts';
import { library } from '../views/tools.ts';

after(() => closeProjects());

const said: Why = {
  rows: 1,
  columns: 2,
  class: 1,
  called: 1,
  probabilities: [0.2, 0.8],
  map: [0.3, -0.1],
  deletion: { map: { area: 0.1, curve: [] }, random: { area: 0.3, curve: [] }, orders: 19, beaten: 19 },
  near: [{ image: 2, class: 0 }],
};

interface World {
  readonly project: Project;
  readonly folder: string;
  /** What the engine was asked, by the name of the call. */
  readonly asked: { name: string; input: Record<string, unknown> }[];
  ask(input: object): Promise<z.output<(typeof coreCalls)['images.why']['output']>>;
}

async function world(t: TestContext): Promise<World> {
  const imported = await library(t);
  imported.close();
  const project = await projectOf(imported.folder);
  const insert = project.db.prepare(
    `INSERT INTO run (id, kind, state, created_at, summary, fraction, options, shipped)
     VALUES (?, ?, 'finished', '2026-01-01T00:00:00.000Z', '', 1, ?, ?)`,
  );
  const options = JSON.stringify({ options: { project: project.folder }, notes: [] });
  const manifest: Manifest = {
    version: 1,
    cacheFolder: project.paths.cache,
    images: [],
    classes: [
      { id: 1, name: 'cat' },
      { id: 2, name: 'dog' },
    ],
    adapt: [],
    training: [],
    draws: [],
    check: [],
  };
  for (const [id, kind, shipped] of [
    ['r1', 'one-click', 0],
    ['only-adapted', 'adapt', 0],
    ['shipped', 'one-click', 1],
  ] as const) {
    insert.run(id, kind, options, shipped);
    const at = join(project.paths.runs, id);
    mkdirSync(join(at, 'models'), { recursive: true });
    writeFileSync(join(at, 'spec.json'), JSON.stringify({ ...smallSpec, runId: id }));
    writeFileSync(join(at, 'manifest.json'), JSON.stringify(manifest));
  }
  const folder = join(project.paths.runs, 'r1');
  writeFileSync(join(folder, 'models', 'deploy-plain-0.safetensors'), '');
  const asked: World['asked'] = [];
  const engine = {
    call: (name: 'job.deploy' | 'job.why', input: object) => {
      asked.push({ name, input: engineCalls[name].input.parse(input) });
      return Promise.resolve(name === 'job.why' ? said : { files: [] });
    },
  };
  const table = handlers({ engine: engine as unknown as CoreContext['engine'] });
  const { input: inputSchema, output } = coreCalls['images.why'];
  return {
    project,
    folder,
    asked,
    async ask(input) {
      const whole = inputSchema.parse({ project: project.folder, rater: 'ana', run: 'r1', arm: 'plain', ...input });
      const context = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };
      return output.parse(await table['images.why'](whole, context));
    },
  };
}

const imagesOf = ({ db }: Project, side: 'training' | 'check'): number[] =>
  db.prepare<[string], number>(`SELECT id FROM image WHERE side = ? ORDER BY id`).pluck().all(side);

test('the engine is asked about the file of the image; names and keys of pictures come with its answer', async (t) => {
  const { project, folder, asked, ask } = await world(t);
  const [image] = imagesOf(project, 'training');
  const { file, hash } = project.db
    .prepare<[number], { file: string; hash: string }>(`SELECT file, hash FROM image WHERE id = ?`)
    .get(image!)!;
  const why = await ask({ image, class: 1 });
  assert.deepEqual([why.run, why.arm, why.classes, why.map], ['r1', 'plain', ['cat', 'dog'], said.map]);
  assert.match(why.near[0]!.key, /^[\w-]{16}$/);
  const [only] = asked;
  assert.deepEqual([asked.length, only!.name], [1, 'job.why'], 'a model that is there is not trained again');
  const sent = only!.input as z.output<(typeof engineCalls)['job.why']['input']>;
  assert.deepEqual([sent.runFolder, sent.arm, sent.class], [folder, 'plain', 1]);
  assert.deepEqual([sent.image.id, sent.image.hash], [image, hash]);
  assert.ok(sent.image.path.endsWith(file));

  await ask({ image, arm: 'adapted' });
  assert.deepEqual(
    asked.slice(1).map(({ name }) => name),
    ['job.deploy', 'job.why'],
    'one that is not applied is made first',
  );
});

test('what cannot be asked is told with what to do', async (t) => {
  const { project, asked, ask } = await world(t);
  const [image, lost] = imagesOf(project, 'training');
  await assert.rejects(ask({ image, run: 'none' }), failsWith('run.unknown'));
  await assert.rejects(ask({ image, run: 'only-adapted' }), failsWith('run.noModel'));
  await assert.rejects(ask({ image, run: 'shipped' }), failsWith('why.shipped'));
  await assert.rejects(ask({ image: 1_000_000 }), failsWith('image.unknown'));
  project.db
    .prepare(`UPDATE image SET hash = NULL, state = 'unreadable', failure_reason = 'broken' WHERE id = ?`)
    .run(lost);
  await assert.rejects(ask({ image: lost }), failsWith('why.unreadable'));
  setRun(project.id, { id: 'r2', progress: null });
  await assert.rejects(ask({ image }), failsWith('run.busy'));
  setRun(project.id, null);
  assert.deepEqual(asked, []);
  await ask({ image });
});

test('a blind rater is told nothing, nor is who still has to say what a check image is', async (t) => {
  const { project, folder, asked, ask } = await world(t);
  project.db.prepare(`INSERT INTO blind_session (rater, other, started_at) VALUES ('ben', 'ana', '2026')`).run();
  const [training] = imagesOf(project, 'training');
  const [first, second] = imagesOf(project, 'check');
  await assert.rejects(ask({ image: training, rater: 'ben' }), failsWith('second.blind'));
  await assert.rejects(ask({ image: first }), failsWith('why.ownWord'));
  assert.deepEqual(asked, []);
  setLabels(project.db, 'ana', [first!], { mark: 'none' });
  await ask({ image: first });
  // Results show what it was called anyway.
  await assert.rejects(ask({ image: second }), failsWith('why.ownWord'));
  const called = { called: 0, probability: 1 };
  const scored: Scored = {
    version: 1,
    images: [{ image: second!, class: 0, cluster: 1, plain: called, adapted: called }],
  };
  writeFileSync(join(folder, 'scored.json'), JSON.stringify(scored));
  await ask({ image: second });
});
