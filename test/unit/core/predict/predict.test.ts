import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { AppError } from '../../../../src/contract/errors.ts';
import type { Progress } from '../../../../src/contract/progress.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { handlers as predictHandlers } from '../../../../src/core/predict/handlers.ts';
import { pieceLength } from '../../../../src/core/predict/sources.ts';
import { PredictionTable } from '../../../../src/core/predict/table.ts';
import { handlers as runHandlers } from '../../../../src/core/runs/handlers.ts';
import { sampleEngine } from '../runs/sample-engine.ts';
import { sampleProject } from '../runs/sample-project.ts';

after(closeProjects);
const call = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };
const columns = 'file,group,predicted,probability,second,p_second,margin,decision,label,note,model,run,unlike,distance';

test('each image is a line: the highest, the second, the margin; names cannot become formulas', () => {
  const table = new PredictionTable(['+Up', 'Down', 'Left'], { arm: 'plain', run: '20260503-1' });
  const images = [
    { id: 1, file: '=cmd|calc.png', group: '@home', label: '+Up' },
    { id: 2, file: 'a, "b".png', group: null, label: null },
  ];
  const named = table.named(images, {
    ids: Int32Array.of(2, 1),
    values: Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.25, 0.625),
    width: 3,
    distances: Float32Array.of(1.25, 0.5),
  });
  const unread = table.unread([{ file: '-broken.png', group: null, reason: 'it is empty' }]);
  assert.deepEqual((table.head() + named + unread).split('\n'), [
    columns,
    `"a, ""b"".png",,'+Up,0.500000,Down,0.250000,0.250000,named,,,plain,20260503-1,yes,1.250000`,
    `'=cmd|calc.png,'@home,Left,0.625000,Down,0.250000,0.375000,named,'+Up,,plain,20260503-1,no,0.500000`,
    `'-broken.png,,,,,,,unreadable,,it is empty,plain,20260503-1,,`,
    '',
  ]);
  assert.deepEqual([table.images, table.unlike], [2, 1]);
  assert.deepEqual(table.perClass, [
    { class: '+Up', images: 1 },
    { class: 'Down', images: 0 },
    { class: 'Left', images: 1 },
  ]);
});

async function finishedRun() {
  const desk = await sampleProject({ images: 200 });
  const engine = sampleEngine();
  const context = { engine, emit: () => {} };
  const { run } = await runHandlers(context)['runs.start'](
    { project: desk.folder, shots: 3, draws: 2, seeds: 1, regime: 'probe' },
    call,
  );
  return { ...desk, engine, context, run };
}

test('a project and another folder are named by the recommended model; unreadable files are listed with the reason', async () => {
  const { project, folder, remove, engine, context, run } = await finishedRun();
  project.db.exec(
    `INSERT INTO image (role, file, state, bytes, modified, failure_code, failure_reason)
     VALUES ('main', 'bad.png', 'unreadable', 0, 0, 'empty', 'it is empty')`,
  );
  engine.isUnlike = (id) => id % 2 === 0;
  const { predict } = predictHandlers(context);
  const out = join(folder, '..', 'names.csv');
  const summary = await predict({ project: folder, run, out }, call);
  // The double loses the first image, as if its file had gone.
  assert.deepEqual([summary.arm, summary.images, summary.unreadable], ['adapted', 199, 2]);
  const { usual } = engine.unlike!;
  assert.deepEqual(summary.unlike, { labels: 60, told: { images: 100, usual, isFar: true } });
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
  assert.equal(lines[0], columns);
  assert.equal(lines.length, 1 + 199 + 2);
  assert.ok(lines.includes(`bad.png,,,,,,,unreadable,,it is empty,adapted,${run},,`));
  assert.ok(lines.includes(`image-0.png,,,,,,,unreadable,,cannot be read now (missing),adapted,${run},,`));
  assert.equal(
    summary.perClass.reduce((sum, { images }) => sum + images, 0),
    199,
  );

  assert.equal((await predict({ project: folder, run, out, arm: 'plain' }, call)).arm, 'plain');
  assert.ok(engine.worked.includes('deploy plain'), 'the other arm is trained when it is asked for');

  const other = join(folder, '..', 'other');
  mkdirSync(other);
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#a40' } })
    .png()
    .toBuffer();
  writeFileSync(join(other, 'one.png'), png);
  writeFileSync(join(other, 'two.png'), png);
  writeFileSync(join(other, 'zero.png'), '');
  writeFileSync(join(other, 'notes.txt'), 'hello');
  const batch = await predict({ project: folder, run, out, images: other }, call);
  // One is lost by the double; the empty file is told; a text file is no image.
  assert.deepEqual([batch.images, batch.unreadable], [1, 2]);
  const empty = join(folder, '..', 'empty');
  mkdirSync(empty);
  for (const [code, to, images] of [
    ['export.insideImages', join(other, 'x.csv'), other],
    ['folder.missing', out, join(folder, '..', 'nothing')],
    ['folder.missing', out, join(other, 'one.png')],
    ['folder.empty', out, empty],
  ] as const) {
    await assert.rejects(predict({ project: folder, run, out: to, images }, call), { code });
  }
  assert.ok(!existsSync(join(other, 'x.csv')));
  remove();
});

test('many images are named in pieces into one table, and progress is that of the whole', async () => {
  const { project, folder, remove, engine, context, run } = await finishedRun();
  const last = pieceLength + 500;
  project.db.exec(
    `INSERT INTO image (role, file, state, bytes, modified, hash, type, width, height, pages)
     WITH RECURSIVE n(i) AS (SELECT 201 UNION ALL SELECT i + 1 FROM n WHERE i < ${last})
     SELECT 'main', 'more-' || i || '.png', 'ok', 1, 0, printf('%064x', i), 'png', 8, 8, 1 FROM n`,
  );
  const asked: number[] = [];
  engine.before = (name, input) => {
    if (name === 'job.predict') asked.push((input['images'] as unknown[]).length);
  };
  const fractions: number[] = [];
  const out = join(folder, '..', 'names.csv');
  const watched = { ...call, progress: ({ fraction }: Progress) => fractions.push(fraction) };
  const { predict } = predictHandlers(context);
  const { images, unreadable } = await predict({ project: folder, run, out }, watched);
  assert.deepEqual(asked, [pieceLength, 500]);
  // The double loses the first image of each call.
  assert.deepEqual([images, unreadable], [last - 2, 2]);
  const files = readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[0]);
  assert.deepEqual(files.slice(-2), ['image-0.png', `more-${pieceLength + 1}.png`]);
  assert.equal(new Set(files).size, last);
  assert.ok(fractions[0]! > 0.9 && fractions[0]! < 1 && fractions.at(-1) === 1, fractions.join());

  // Ended between two pieces: nothing is left of what was begun.
  const stopped = join(folder, '..', 'stopped.csv');
  engine.before = (name, input) => {
    if (name === 'job.predict' && (input['images'] as unknown[]).length === 500) throw new AppError('call.cancelled');
  };
  await assert.rejects(predict({ project: folder, run, out: stopped }, call), { code: 'call.cancelled' });
  assert.deepEqual(
    readdirSync(join(folder, '..')).filter((file) => file.startsWith('stopped')),
    [],
  );
  // Where it cannot be written is told before anything is named.
  engine.before = (name) => assert.notEqual(name, 'job.predict');
  await assert.rejects(predict({ project: folder, run, out: join(folder, '..', 'nowhere', 'x.csv') }, call), {
    code: 'export.unwritable',
  });
  remove();
});

test('after a collapse the plain model can be applied, the adapted one cannot', async () => {
  const { folder, remove } = await sampleProject({ images: 200 });
  const engine = sampleEngine();
  engine.collapses = true;
  const context = { engine, emit: () => {} };
  const { run } = await runHandlers(context)['runs.start']({ project: folder, shots: 3, draws: 2, seeds: 1 }, call);
  const { predict } = predictHandlers(context);
  const out = join(folder, '..', 'names.csv');
  assert.equal((await predict({ project: folder, run, out }, call)).arm, 'plain');
  await assert.rejects(
    predict({ project: folder, run, out, arm: 'adapted' }, call),
    (error: AppError) => error.code === 'run.noModel',
  );
  remove();
});
