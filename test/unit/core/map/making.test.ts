import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import type { z } from 'zod';
import { coreCalls, type CoreCalls } from '../../../../src/contract/core-calls.ts';
import { engineCalls } from '../../../../src/contract/engine-calls.ts';
import { AppError } from '../../../../src/contract/errors.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import type { CoreContext } from '../../../../src/core/context.ts';
import type { Project } from '../../../../src/core/db/open.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { featureWidth } from '../../../../src/core/features/store.ts';
import { setLabels } from '../../../../src/core/labels/labels.ts';
import { handlers } from '../../../../src/core/map/handlers.ts';
import { projectOf } from '../../../../src/core/projects/registry.ts';
import { library, openFor } from '../views/tools.ts';
import { failsWith } from '../library-tools.ts';
import { smallSpec } from '../runs/small-spec.ts';

after(() => closeProjects());

/** Features of the images of one group lie together. */
function featuresOf(image: number): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * featureWidth);
  new DataView(bytes.buffer).setInt32(0, image, true);
  const row = new Float32Array(bytes.buffer, 4);
  row[(image - 1) % 4] = 1;
  row[10 + (image % 3)] = 0.1;
  return bytes;
}

interface World {
  readonly project: Project;
  readonly asked: { images: number[]; weights: unknown }[];
  call<K extends keyof CoreCalls & string>(
    name: K,
    input: object,
    signal?: AbortSignal,
    tell?: (stage: string, fraction: number) => void,
  ): Promise<z.output<CoreCalls[K]['output']>>;
  /** Looked at before the engine answers. */
  before: (written: (images: readonly number[]) => void) => Promise<void>;
}

async function world(t: TestContext): Promise<World> {
  const imported = await library(t);
  imported.close();
  const project = await projectOf(imported.folder);
  project.db
    .prepare(
      `INSERT INTO run (id, kind, state, created_at, summary, fraction, options)
       VALUES ('r1', 'one-click', 'finished', '2026-01-01T00:00:00.000Z', '', 1, ?)`,
    )
    .run(JSON.stringify({ options: { project: project.folder }, notes: [] }));
  const folder = join(project.paths.runs, 'r1');
  mkdirSync(join(folder, 'adapt'), { recursive: true });
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(smallSpec));
  const made: World = {
    project,
    asked: [],
    before: () => Promise.resolve(),
    async call(name, input, signal = new AbortController().signal, tell = () => {}) {
      const { input: asked, output } = coreCalls[name];
      const handler = table[name as keyof typeof table] as (input: unknown, context: object) => Promise<unknown>;
      const whole = asked.parse({ project: project.folder, run: 'r1', ...input });
      const progress = ({ stage, fraction }: { stage: string; fraction: number }): void => tell(stage, fraction);
      return output.parse(await handler(whole, { signal, seat: ownSeat, progress })) as never;
    },
  };
  const engine = {
    call: async (name: string, input: object, { signal }: { signal?: AbortSignal } = {}) => {
      assert.equal(name, 'job.features');
      const { images, out, weights } = engineCalls['job.features'].input.parse(input);
      const ids = images.map(({ id }) => id);
      made.asked.push({ images: ids, weights });
      const write = (some: readonly number[]): void => some.forEach((id) => appendFileSync(out, featuresOf(id)));
      await made.before(write);
      signal?.throwIfAborted();
      write(ids);
      return { images: ids.length, failed: [] };
    },
  };
  const table = handlers({ engine: engine as unknown as CoreContext['engine'], emit: () => {} });
  return made;
}

const int32 = (bytes: Uint8Array): number[] => [...new Int32Array(bytes.slice().buffer)];
const float32 = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.slice().buffer)];

test('a map is made, read, coloured, and its parts are lists of images', async (t) => {
  const { project, asked, call } = await world(t);
  const arm = 'plain';
  assert.deepEqual((await call('map.state', {})).plain, null);
  await assert.rejects(call('map.read', { arm, from: 0, count: 10 }), failsWith('map.none'));
  await assert.rejects(call('map.make', { arm: 'adapted' }), failsWith('run.noModel'));

  const stages: string[] = [];
  const made = await call('map.make', { arm }, undefined, (stage, fraction) => {
    assert.ok(fraction >= 0 && fraction <= 1);
    stages.push(stage);
  });
  assert.deepEqual([made.images, made.fitted], [20, 20]);
  assert.equal(stages[0], 'features');
  assert.deepEqual(asked[0]!.weights, { from: 'project', folder: project.folder, sha256: 'aa' });
  assert.deepEqual((await call('map.state', {})).plain, made);
  assert.equal(
    made.clusters.reduce((sum, { images }) => sum + images, 0),
    20,
  );
  assert.ok(!existsSync(join(project.paths.runs, 'r1', 'map', 'plain.features')), 'features are not kept');

  const read = await call('map.read', { arm, from: 0, count: 100 });
  const ids = int32(read.ids);
  const places = float32(read.places);
  assert.equal(new Set(ids).size, 20);
  assert.ok(places.length === 40 && places.every((value) => Math.abs(value) <= 1));
  const part = await call('map.read', { arm, from: 15, count: 100 });
  assert.deepEqual([int32(part.ids), float32(part.places)], [ids.slice(15), places.slice(30)]);
  assert.deepEqual([...part.clusters], [...read.clusters].slice(15));

  const source = { kind: 'map', run: 'r1', arm } as const;
  assert.deepEqual((await openFor(project, 'ana', { source: { ...source, part: 'all' } })).ids, ids);
  const { x, y, examples, images } = made.clusters[0]!;
  const cluster = await openFor(project, 'ana', { source: { ...source, part: { cluster: 0 } } });
  assert.equal(cluster.count, images);
  assert.ok(cluster.ids.includes(examples[0]!.image));
  const near = (at: number): number => Math.hypot(places[2 * at]! - x, places[2 * at + 1]! - y);
  const size = 0.05 + Math.max(...cluster.ids.map((id) => near(ids.indexOf(id))));
  // A diamond wide enough for the cluster, less what lies beyond its sides.
  const outline: [number, number][] = [
    [x - size, y],
    [x, y - size],
    [x + size, y],
    [x, y + size],
  ];
  const within = ids.filter((_, at) => Math.abs(places[2 * at]! - x) + Math.abs(places[2 * at + 1]! - y) < size);
  const lassoed = await openFor(project, 'ana', { source: { ...source, part: { outline } } });
  assert.deepEqual(lassoed.ids.toSorted(), within.toSorted());
  assert.ok(within.length > 0 && within.length < 20);

  setLabels(project.db, 'ana', [ids[3]!], { class: 'Cell' });
  const cell = Number(project.db.prepare(`SELECT id FROM class WHERE name = 'Cell'`).pluck().get());
  const colours = async (by: string, rater = 'ana') => {
    const { values, names } = await call('map.colours', { arm, rater, by });
    return { values: [...new Uint16Array(values.slice().buffer)], names };
  };
  assert.deepEqual(
    (await colours('class')).values,
    ids.map((_, at) => (at === 3 ? cell + 1 : 0)),
  );
  const groups = await colours('group');
  assert.deepEqual(groups.names, ['1', '2', '3', '4']);
  assert.deepEqual(
    groups.values,
    ids.map((id) =>
      Number(/P(\d)/.exec(String(project.db.prepare(`SELECT file FROM image WHERE id = ?`).pluck().get(id)))![1]),
    ),
  );
  assert.ok((await colours('class', 'ben')).values.includes(cell + 1), 'labels of others are seen');
  project.db.prepare(`INSERT INTO blind_session (rater, other, started_at) VALUES ('ben', 'ana', '')`).run();
  assert.ok(
    (await colours('class', 'ben')).values.every((value) => value === 0),
    'but by no blind rater',
  );
  await assert.rejects(colours('group', 'ben'), failsWith('second.blind'));
  assert.equal((await openFor(project, 'ben', { source: { ...source, part: 'all' } })).count, 0);
  assert.ok(
    (await colours('uncertainty')).values.every((value) => value === 0),
    'no model was applied',
  );
});

test('a cancelled map keeps its features, and who asks for one under way joins it', async (t) => {
  const made = await world(t);
  const { project, asked, call } = made;
  const stop = new AbortController();
  const seen = Promise.withResolvers<void>();
  made.before = async (write) => {
    write([1, 2, 3]);
    seen.resolve();
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  };
  const first = call('map.make', { arm: 'plain' }, stop.signal);
  await seen.promise;
  assert.equal((await call('map.state', {})).making, 'plain');
  await assert.rejects(call('map.make', { arm: 'plain', run: 'r2' }), failsWith('run.unknown'));
  writeFileSync(join(project.paths.runs, 'r1', 'adapt', 'seed-0.safetensors'), '');
  await assert.rejects(call('map.make', { arm: 'adapted' }), failsWith('map.busy'));
  const joined = call('map.make', { arm: 'plain' });
  stop.abort(new AppError('call.cancelled'));
  await assert.rejects(first, failsWith('call.cancelled'));
  await assert.rejects(joined, failsWith('call.cancelled'));
  assert.equal((await call('map.state', {})).making, null);

  made.before = () => Promise.resolve();
  assert.equal((await call('map.make', { arm: 'plain' })).images, 20);
  assert.deepEqual(
    asked[1]!.images,
    Array.from({ length: 17 }, (_, i) => i + 4),
  );
  await call('map.make', { arm: 'adapted' });
  assert.deepEqual((asked[2]!.weights as { from: string }).from, 'adapted');
});
