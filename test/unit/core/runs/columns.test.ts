import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { manifestSchema, type ManifestImage } from '../../../../src/contract/run-files.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import { columnsOf } from '../../../../src/core/columns/columns.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { handlers as predictHandlers } from '../../../../src/core/predict/handlers.ts';
import { handlers as runHandlers } from '../../../../src/core/runs/handlers.ts';
import { sampleEngine } from './sample-engine.ts';
import { sampleProject } from './sample-project.ts';

after(closeProjects);
const call = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };
const shape = { shots: 3, draws: 2, seeds: 1 } as const;

/** 200 images; every one but each tenth has an age, a German decimal now and then, and a stain; a case is never alike. */
async function desk() {
  const { project, folder, remove } = await sampleProject({ images: 200 });
  const add = project.db.prepare(`INSERT INTO report_group (image, column_name, value) VALUES (?, ?, ?)`);
  for (let image = 1; image <= 200; image++) {
    add.run(image, 'case', `no. ${image % 199}`);
    if (image % 10 === 0) continue;
    add.run(image, 'age', image % 25 === 0 ? 'unknown' : image % 2 === 0 ? `${image},5` : String(image));
    add.run(image, 'stain', image % 2 === 0 ? 'HE' : ' PAS ');
  }
  const engine = sampleEngine();
  const named: (readonly ManifestImage[])[] = [];
  engine.before = (name, input) => {
    if (name === 'job.predict') named.push(input['images'] as ManifestImage[]);
  };
  const context = { engine, emit: () => {} };
  return { project, folder, remove, named, runs: runHandlers(context), predict: predictHandlers(context).predict };
}

test('a run freezes which columns join, how they are read, and the values of labelled images', async () => {
  const { runs, project, folder, remove } = await desk();
  const options = { project: folder, ...shape };
  const plan = await runs['runs.plan']({ ...options, columns: ['stain', 'age'] }, call);
  assert.deepEqual(plan.columns, [
    { name: 'stain', kind: 'category' },
    { name: 'age', kind: 'number' },
  ]);
  assert.deepEqual(
    [plan.keptColumns, plan.regimes],
    [
      ['age', 'case', 'stain'],
      ['probe', 'full'],
    ],
  );
  const { run, results } = await runs['runs.start']({ ...options, columns: ['stain', 'age'] }, call);
  const { images, columns } = manifestSchema.parse(
    JSON.parse(readFileSync(join(project.paths.runs, run, 'manifest.json'), 'utf8')),
  );
  assert.deepEqual(columns, plan.columns);
  const of = (id: number): unknown => images.find((image) => image.id === id)?.columns;
  assert.deepEqual([of(1), of(2), of(10), of(25)], [['PAS', 1], ['HE', 2.5], undefined, ['PAS', null]]);
  // Each arm of the double is right more often with the columns than without.
  assert.ok(results?.columns && results.columns.adapted.added.accuracy.mean > 0);
  const without = await runs['runs.cell']({ ...options, columns: [] }, call);
  assert.equal(without.known, false, 'another run than the one with columns');
  assert.equal(without.results?.columns, undefined);
  const again = async () => (await runs['runs.cell']({ ...options, columns: ['stain', 'age'] }, call)).known;
  assert.equal(await again(), true);
  project.db.exec(`UPDATE report_group SET value = '99' WHERE column_name = 'age' AND image = 1`);
  assert.equal(await again(), false, 'another value is other data');
  remove();
});

test('columns that are not there, say nothing or name cases are refused', async () => {
  const { runs, project, folder, remove } = await desk();
  const refused = (more: object, code: string) =>
    assert.rejects(runs['runs.plan']({ project: folder, ...shape, ...more }, call), { code });
  await refused({ columns: ['age', 'scanner'] }, 'columns.unknown');
  project.db.exec(`DELETE FROM report_group WHERE column_name = 'stain' AND image NOT IN
    (SELECT id FROM image WHERE side = 'check')`);
  await refused({ columns: ['stain'] }, 'columns.empty');
  const everyone = Array.from({ length: 200 }, (_, i) => i + 1);
  assert.deepEqual(columnsOf(project.db, ['case'], everyone), [{ name: 'case', kind: 'category' }]);
  project.db.exec(`UPDATE report_group SET value = 'x' || value || image WHERE column_name = 'case'`);
  const add = project.db.prepare(
    `INSERT INTO image (role, file, state, bytes, modified) VALUES ('main', ?, 'ok', 1, 0)`,
  );
  const { lastInsertRowid } = add.run('more.png');
  project.db.prepare(`INSERT INTO report_group VALUES (?, 'case', 'another')`).run(lastInsertRowid);
  assert.throws(() => columnsOf(project.db, ['case'], [...everyone, Number(lastInsertRowid)]), {
    code: 'columns.tooMany',
  });
  remove();
});

test('a model with columns is given those of the images it names; of another folder a table tells them', async () => {
  const { runs, folder, remove, named, predict } = await desk();
  const { run } = await runs['runs.start']({ project: folder, ...shape, columns: ['age', 'stain'] }, call);
  const out = join(folder, '..', 'names.csv');
  const summary = await predict({ project: folder, run, out }, call);
  assert.deepEqual(summary.missing, [
    { column: 'age', images: 20 + 4 },
    { column: 'stain', images: 20 },
  ]);
  assert.deepEqual(named.at(-1)?.[1]?.columns, [2.5, 'HE']);

  const images = join(folder, '..', 'other');
  mkdirSync(images);
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#a40' } })
    .png()
    .toBuffer();
  for (const name of ['one.png', 'two.png']) writeFileSync(join(images, name), png);
  const there = async (table?: string) => {
    const { missing } = await predict({ project: folder, run, out, images, ...(table ? { table } : {}) }, call);
    return [missing.map((each) => each.images), named.at(-1)?.map(({ columns }) => columns)];
  };
  assert.deepEqual(await there(), [
    [2, 2],
    [undefined, undefined],
  ]);
  const table = join(folder, '..', 'new.csv');
  writeFileSync(table, 'file,stain,age\ntwo.png,HE,\n');
  assert.deepEqual(await there(table), [
    [2, 1],
    [undefined, [null, 'HE']],
  ]);
  writeFileSync(table, 'file,stain\ntwo.png,HE\n');
  await assert.rejects(there(table), { code: 'labels.columnMissing' });
  await assert.rejects(predict({ project: folder, run, out, table }, call), { code: 'usage.badValue' });
  const bare = await runs['runs.start']({ project: folder, ...shape, regime: 'probe' }, call);
  await assert.rejects(predict({ project: folder, run: bare.run, out, images, table }, call), {
    code: 'columns.unused',
  });
  remove();
});
