import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '../../../../src/contract/errors.ts';
import { resultsSchema } from '../../../../src/contract/results.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { changeUserSettings } from '../../../../src/core/settings/user.ts';
import { writeRequest } from '../../../../src/core/runs/request.ts';
import '../projects/settings-home.ts';
import { desk, shots } from './desk.ts';
import { untilAborted } from './sample-engine.ts';

after(closeProjects);

const hasCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

test('a run: prepared, adapted per seed, trained with and without per draw, checked once, written', async () => {
  const { start, engine, states, progress, rows, results, folder, audit, remove } = await desk();
  const end = await start();
  assert.equal(end.outcome, 'finished');
  resultsSchema.parse(end.results);
  assert.deepEqual(engine.worked.slice(0, 3), ['prepare', 'adapt 0', 'adapt 1']);
  assert.equal(engine.worked.filter((name) => name.startsWith('finetune')).length, 2 * 2 * 3);
  assert.deepEqual(engine.worked.slice(-2), ['evaluate', 'deploy adapted']);
  assert.equal(end.results?.verdict, 'helped');
  assert.equal(end.results?.protocol.kind, 'shots');
  assert.equal(end.results?.protocol.seeds, 2);
  assert.equal(end.results?.arms.plain.accuracy.perDraw.length, 3);
  assert.deepEqual(states, ['planned', 'running', 'finished']);
  const fractions = progress.map(({ fraction }) => fraction);
  assert.deepEqual(
    fractions,
    [...fractions].sort((a, b) => a - b),
  );
  assert.equal(fractions.at(-1), 1);
  assert.equal(rows()[0]?.summary, end.results?.headline);
  assert.deepEqual(
    await results['results.get'](
      { project: folder },
      { signal: new AbortController().signal, seat: ownSeat, progress: () => {} },
    ),
    end.results,
  );
  assert.deepEqual(audit(), ['run created', 'check', 'run finished']);
  remove();
});

test('what the engine gets holds no check label', async () => {
  const { start, project, remove } = await desk();
  const { run } = await start();
  const manifest = JSON.parse(readFileSync(join(project.paths.runs, run, 'manifest.json'), 'utf8')) as {
    training: { image: number }[];
    adapt: number[];
    check: number[];
  };
  const side = project.db.prepare<[number], string>(`SELECT side FROM image WHERE id = ?`).pluck();
  assert.ok(manifest.check.length >= 30);
  assert.ok(manifest.check.every((id) => side.get(id) === 'check'));
  assert.ok(
    [...manifest.adapt, ...manifest.training.map(({ image }) => image)].every((id) => side.get(id) === 'training'),
  );
  remove();
});

test('with the labels of the user: draw 0 is all of them, its seeds make the interval, the others show the spread', async () => {
  const { start, engine, remove } = await desk();
  const { results } = await start({ shots: undefined, seeds: undefined, draws: 4 });
  // Per arm three seeds on all labels, and one training for each draw that shows the spread.
  assert.equal(engine.worked.filter((name) => name.startsWith('finetune plain')).length, 3 + 4);
  assert.equal(results?.protocol.kind, 'subsample');
  assert.equal(results?.protocol.seeds, 3);
  assert.equal(results?.protocol.draws, 4);
  assert.equal(results?.arms.adapted.accuracy.perDraw.length, 4);
  remove();
});

test('with few check images labels are split repeatedly, and it is said', async () => {
  const { start, remove, project } = await desk({ images: 60 });
  project.db.exec(`DELETE FROM label WHERE image IN (SELECT id FROM image WHERE side = 'check' LIMIT 100 OFFSET 10)`);
  const { results, run } = await start();
  assert.equal(results?.protocol.check, 'repeated');
  assert.ok(results?.notes.includes('Measured on images you chose; expect a little less on new ones.'));
  const manifest = JSON.parse(readFileSync(join(project.paths.runs, run, 'manifest.json'), 'utf8')) as {
    adapt: number[];
    draws: { train: number[]; score: number[] }[];
  };
  const labelled = new Set(manifest.draws.flatMap(({ train, score }) => [...train, ...score]));
  assert.ok(manifest.adapt.length > 0 && manifest.adapt.every((id) => !labelled.has(id)));
  assert.ok(manifest.draws.every(({ train, score }) => score.every((id) => !train.includes(id))));
  remove();
});

test('pause keeps what is done, resume does only what is missing and comes to the same result', async () => {
  const whole = await desk();
  const { results: expected } = await whole.start();
  whole.remove();

  const { start, resume, runs, engine, states, folder, rows, remove, call } = await desk();
  engine.before = async (name, input, signal) => {
    if (name !== 'job.finetune' || input['draw'] !== 1) return;
    await runs['runs.pause']({ project: folder, closing: false }, call);
    await untilAborted(signal);
  };
  assert.equal((await start()).outcome, 'paused');
  assert.deepEqual(states, ['planned', 'running', 'pausing', 'paused']);
  assert.ok((rows()[0]?.fraction ?? 0) > 0);
  const before = engine.worked.length;
  engine.before = () => {};
  const { outcome, results } = await resume();
  assert.equal(outcome, 'finished');
  assert.ok(!engine.worked.slice(before).some((name) => name.startsWith('adapt') || name === 'prepare'));
  assert.equal(new Set(engine.worked).size, engine.worked.length, 'nothing was done twice');
  assert.deepEqual(results?.arms, expected?.arms);
  assert.deepEqual(results?.difference, expected?.difference);
  remove();
});

test('computes on what is chosen in the settings, also where that was changed while it rested', async () => {
  const { start, resume, runs, engine, folder, remove, call } = await desk();
  const asked: unknown[] = [];
  engine.before = async (name, input, signal) => {
    if (name.startsWith('job.') && name !== 'job.prepare') asked.push(input['device']);
    if (name !== 'job.finetune' || input['draw'] !== 1) return;
    await runs['runs.pause']({ project: folder, closing: false }, call);
    await untilAborted(signal);
  };
  await start();
  assert.deepEqual([...new Set(asked.splice(0))], ['auto']);
  engine.before = (name, input) => void (name.startsWith('job.') && asked.push(input['device']));
  changeUserSettings({ device: 'cpu' });
  try {
    assert.equal((await resume()).outcome, 'finished');
  } finally {
    changeUserSettings({ device: 'auto' });
  }
  assert.deepEqual([...new Set(asked.filter((device) => device !== undefined))], ['cpu']);
  remove();
});

test('a run that Acclimate is closed over is saved as by a pause, and says that it was', async () => {
  const { start, resume, runs, engine, states, folder, remove, call } = await desk();
  engine.before = async (name, input, signal) => {
    if (name !== 'job.finetune' || input['draw'] !== 1) return;
    await runs['runs.pause']({ project: folder, closing: true }, call);
    await untilAborted(signal);
  };
  assert.equal((await start()).outcome, 'paused');
  assert.deepEqual(states, ['planned', 'running', 'pausing', 'interrupted']);
  engine.before = () => {};
  assert.equal((await resume()).outcome, 'finished');
  remove();
});

test('cancel has three states, and another process asks for it through a file', async () => {
  const { start, resume, engine, states, project, rows, audit, remove } = await desk();
  engine.before = async (name, input, signal) => {
    if (name !== 'job.adapt' || input['seed'] !== 1) return;
    writeRequest(join(project.paths.runs, rows()[0]!.id), 'cancel');
    await untilAborted(signal);
  };
  assert.equal((await start()).outcome, 'cancelled');
  assert.deepEqual(states, ['planned', 'running', 'cancel-requested', 'stopping', 'cancelled']);
  assert.deepEqual(audit(), ['run created', 'run cancelled']);
  engine.before = () => {};
  assert.equal((await resume()).outcome, 'finished');
  assert.equal(engine.worked.filter((name) => name === 'adapt 0').length, 1);
  remove();
});

test('cancel wins over an earlier pause, and a pause cannot take it back', async () => {
  const { start, runs, engine, states, folder, remove, call } = await desk();
  engine.before = async (name, _, signal) => {
    if (name !== 'job.adapt') return;
    await runs['runs.pause']({ project: folder, closing: false }, call);
    await runs['runs.cancel']({ project: folder, keep: false }, call);
    await runs['runs.pause']({ project: folder, closing: false }, call);
    await untilAborted(signal);
  };
  assert.equal((await start()).outcome, 'cancelled');
  assert.deepEqual(states.slice(2), ['pausing', 'cancel-requested', 'stopping', 'cancelled']);
  remove();
});

test('a paused run can be cancelled, a finished one cannot', async () => {
  const { start, runs, engine, folder, remove, call, abort } = await desk();
  engine.before = (name) => {
    if (name === 'job.embed') abort.abort();
  };
  assert.equal((await start()).outcome, 'paused');
  assert.equal((await runs['runs.cancel']({ project: folder, keep: false }, call)).state, 'cancelled');
  engine.before = () => {};
  const { run } = await runs['runs.start'](
    { project: folder, ...shots },
    { ...call, signal: new AbortController().signal },
  );
  await assert.rejects(runs['runs.cancel']({ project: folder, run, keep: false }, call), hasCode('run.notActive'));
  await assert.rejects(runs['runs.resume']({ project: folder, run }, call), hasCode('run.notResumable'));
  remove();
});

for (const [code, state] of [
  ['process.died', 'interrupted'],
  ['disk.full', 'paused'],
  ['job.no-images', 'failed'],
] as const) {
  test(`${code} leaves the run ${state}, with everything kept, and it can go on`, async () => {
    const { start, resume, engine, rows, remove } = await desk();
    engine.before = (name, input) => {
      if (name === 'job.finetune' && input['arm'] === 'adapted') throw new AppError(code);
    };
    await assert.rejects(start(), hasCode(code));
    assert.equal(rows()[0]?.state, state);
    assert.equal(rows()[0]?.error, new AppError(code).message);
    engine.before = () => {};
    const { outcome } = await resume();
    assert.equal(outcome, 'finished');
    assert.equal(rows()[0]?.error, null);
    assert.equal(new Set(engine.worked).size, engine.worked.length);
    remove();
  });
}

test('a collapse stops the run; the plain model is trained and written all the same', async () => {
  const { start, engine, rows, results, folder, remove, call } = await desk();
  engine.collapses = true;
  const end = await start();
  assert.deepEqual([end.outcome, end.results], ['collapsed', null]);
  assert.equal(rows()[0]?.state, 'stopped');
  assert.ok(
    !engine.worked.some((name) => name === 'adapt 1' || name.startsWith('finetune adapted') || name === 'evaluate'),
  );
  assert.equal(engine.worked.filter((name) => name.startsWith('finetune plain')).length, 6);
  assert.equal(engine.worked.at(-1), 'deploy plain');
  await assert.rejects(results['results.get']({ project: folder }, call), hasCode('run.noResults'));
  remove();
});

test('a run that a dead process left behind was interrupted; what it was cancelling is cancelled', async () => {
  const { start, runs, project, folder, rows, remove, call } = await desk();
  await start();
  project.db.exec(`UPDATE run SET state = 'running'`);
  assert.equal((await runs['runs.list']({ project: folder }, call)).runs[0]?.state, 'interrupted');
  project.db.exec(`UPDATE run SET state = 'stopping'`);
  await runs['runs.list']({ project: folder }, call);
  assert.equal(rows()[0]?.state, 'cancelled');
  remove();
});

test('one run at a time', async () => {
  const { start, runs, engine, folder, remove, call, rows } = await desk();
  engine.before = async (name) => {
    if (name !== 'job.prepare' || rows().length > 1) return;
    await assert.rejects(runs['runs.start']({ project: folder, ...shots }, call), hasCode('run.busy'));
    await assert.rejects(runs['runs.resume']({ project: folder }, call), hasCode('run.notResumable'));
  };
  await start();
  assert.equal(rows().length, 1);
  remove();
});

test('a budget shortens the adaptation and the results say so', async () => {
  const { start, engine, remove, project } = await desk();
  let asked = 0;
  engine.before = (name) => void (asked += name === 'machine.time' ? 1 : 0);
  const { results, run } = await start({ epochs: 50, budgetSeconds: 100 });
  assert.equal(asked, 1);
  const spec = JSON.parse(readFileSync(join(project.paths.runs, run, 'spec.json'), 'utf8')) as {
    adapt: { epochs: number };
  };
  assert.ok(spec.adapt.epochs >= 1 && spec.adapt.epochs < 50);
  assert.match(results?.notes.at(-1) ?? '', new RegExp(`^Shortened to ${spec.adapt.epochs} pass`));
  remove();
});

test('too few labels, unknown names and a split that leaks start nothing', async () => {
  const { start, rows, project, remove } = await desk();
  await assert.rejects(start({ shots: 500 }), hasCode('labels.few'));
  await assert.rejects(start({ fraction: 0.1 }), hasCode('labels.twoAmounts'));
  await assert.rejects(start({ backbone: 'alexnet' }), hasCode('backbone.unknown'));
  await assert.rejects(start({ backbone: 'resnet18' }), hasCode('weights.none'));
  await assert.rejects(start({ method: 'magic' }), hasCode('method.unknown'));
  // A near duplicate on each side: the last look before a run sees it in the tables.
  const [one] = project.db.prepare<[], number>(`SELECT id FROM image WHERE side = 'training'`).pluck().all();
  project.db.exec(
    `UPDATE image SET family = 7 WHERE id = ${one}; UPDATE image SET family = 7 WHERE id IN (SELECT id FROM image WHERE side = 'check' LIMIT 1)`,
  );
  await assert.rejects(start(), hasCode('split.leak'));
  assert.equal(rows().length, 0);
  remove();
});

test('adaptation alone, then training on it without adapting again', async () => {
  const { runs, engine, folder, project, rows, remove, call, results: shown } = await desk();
  const adapted = await runs['runs.adapt']({ project: folder, seeds: 2 }, call);
  assert.deepEqual([adapted.outcome, adapted.sha256], ['finished', ['hash 0', 'hash 1']]);
  assert.deepEqual(adapted.speed, Array(2).fill({ imagesPerSecond: 50, idleShare: 0.25 }));
  const { results } = await runs['runs.finetune']({ project: folder, shots: 3, draws: 2, regime: 'probe' }, call);
  assert.equal(results?.protocol.seeds, 2);
  assert.equal(engine.worked.filter((name) => name.startsWith('adapt')).length, 2);
  const out = join(folder, '..', 'features.safetensors');
  const inside = join(folder, '..', 'images', 'features.safetensors');
  await assert.rejects(
    runs['runs.embed']({ project: folder, arm: 'adapted', out: inside }, call),
    hasCode('export.insideImages'),
  );
  project.db.exec(`INSERT INTO image (id, role, file, state, bytes, modified, hash, type, width, height, pages)
    VALUES (20000, 'main', 'late.png', 'ok', 1, 0, '${'e'.repeat(64)}', 'png', 8, 8, 1)`);
  // Broken off after the first piece, it goes on with the second, of the same adaptation.
  const pieces = () => engine.worked.filter((name) => name.startsWith('embed piece'));
  engine.before = (name, input) => {
    if (name === 'job.embedPiece' && input['piece'] !== 0) throw new AppError('disk.full');
  };
  await assert.rejects(runs['runs.embed']({ project: folder, arm: 'adapted', out }, call), hasCode('disk.full'));
  engine.before = () => {};
  await runs['runs.resume']({ project: folder, run: rows()[0]!.id }, call);
  assert.deepEqual(pieces(), ['embed piece adapted 0: 200', 'embed piece adapted 2: 1']);
  const embedded = await runs['runs.embed']({ project: folder, arm: 'adapted', out }, call);
  assert.equal(embedded.images, 201);
  assert.equal(rows()[0]?.summary, 'features of 201 images, efficientnet-lite0 at 96 px');
  // The newest run has no results; the newest comparison is meant.
  assert.deepEqual(await shown['results.get']({ project: folder }, call), results);
  remove();
});

test('a small folder whose images are all labelled is told before anything starts', async () => {
  const { start, runs, folder, rows, call, remove } = await desk({ images: 36 });
  await assert.rejects(start({ shots: 50 }), hasCode('labels.few'));
  await assert.rejects(start(), hasCode('run.nothingToAdapt'));
  await assert.rejects(runs['runs.plan']({ project: folder, ...shots }, call), hasCode('run.nothingToAdapt'));
  await assert.rejects(runs['runs.adapt']({ project: folder }, call), hasCode('run.nothingToAdapt'));
  assert.equal(rows().length, 0);
  remove();
});

test('an adaptation in a project with few check images leaves out what later splits will hold out', async () => {
  const { runs, folder, project, remove, call } = await desk({ images: 60 });
  project.db.exec(`DELETE FROM label WHERE image IN (SELECT id FROM image WHERE side = 'check' LIMIT 100 OFFSET 5)`);
  project.db.exec(`DELETE FROM label WHERE image IN (SELECT id FROM image WHERE side = 'training' LIMIT 10)`);
  const { run } = await runs['runs.adapt']({ project: folder, seeds: 1 }, call);
  const manifest = JSON.parse(readFileSync(join(project.paths.runs, run, 'manifest.json'), 'utf8')) as {
    adapt: number[];
  };
  assert.equal(manifest.adapt.length, 10);
  const { results } = await runs['runs.finetune']({ project: folder, draws: 2, regime: 'probe' }, call);
  assert.equal(results?.protocol.check, 'repeated');
  remove();
});

test('the plan says what and how long, and starts nothing', async () => {
  const { runs, folder, rows, engine, remove, call } = await desk({ images: 200, groups: 10 });
  const plan = await runs['runs.plan']({ project: folder, ...shots }, call);
  assert.deepEqual(
    plan.stages.map(({ name }) => name),
    ['prepare', 'adapt', 'train', 'check', 'write'],
  );
  assert.ok(plan.stages.every(({ seconds: [low, high] }) => low >= 0 && high > low));
  assert.equal(plan.checkGroups, 5);
  assert.equal(plan.adaptationImages, 100);
  assert.deepEqual([rows().length, engine.worked.length], [0, 0]);
  remove();
});
