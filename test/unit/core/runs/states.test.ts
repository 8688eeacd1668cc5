import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AppError } from '../../../../src/contract/errors.ts';
import { recordSideOf } from '../../../../src/contract/run-files.ts';
import { runStates, type RunState } from '../../../../src/contract/runs.ts';
import { epochsWithin, stageSeconds } from '../../../../src/core/runs/estimate.ts';
import { takeRequest, writeRequest } from '../../../../src/core/runs/request.ts';
import { changeState, chooseRun, insertRun, newRunId } from '../../../../src/core/runs/rows.ts';
import type { Settings } from '../../../../src/core/runs/settings.ts';
import { stageMeter } from '../../../../src/core/runs/stages.ts';
import { transitions } from '../../../../src/core/runs/states.ts';
import { sampleProject } from './sample-project.ts';

test('the state machine: cancelled is reached over requested and stopping, ends stay ends, nothing is stuck', () => {
  const waysTo = (state: RunState): RunState[] => runStates.filter((from) => transitions[from].includes(state));
  assert.deepEqual(waysTo('stopping'), ['cancel-requested']);
  assert.ok(!waysTo('cancelled').includes('running') && !waysTo('cancelled').includes('cancel-requested'));
  assert.deepEqual(transitions.finished, []);
  assert.deepEqual(transitions.stopped, []);
  for (const state of runStates.filter((each) => each !== 'finished' && each !== 'stopped')) {
    const reached = new Set<RunState>([state]);
    for (const each of reached) transitions[each].forEach((next) => reached.add(next));
    assert.ok(reached.has('finished'), `${state} never ends`);
  }
});

test('a jump the state machine does not have is refused and changes nothing', async () => {
  const { project, folder, remove } = await sampleProject({ images: 4 });
  const { db } = project;
  const insert = (id: string, createdAt: string) =>
    insertRun(db, { id, kind: 'one-click', createdAt, summary: '', options: { project: folder }, notes: [], split: 1 });
  insert('20260503-1', '2026-05-03T10:00:00.000Z');
  insert('20260503-2', '2026-05-03T11:00:00.000Z');
  assert.throws(
    () => changeState(db, '20260503-1', 'finished'),
    (error: AppError) => error.code === 'run.stateJump',
  );
  changeState(db, '20260503-1', 'running');
  assert.equal(changeState(db, '20260503-1', 'finished', { seconds: 12 }).seconds, 12);
  assert.equal(chooseRun(db, undefined, () => true).id, '20260503-2');
  assert.equal(chooseRun(db, undefined, ({ state }) => state === 'finished').id, '20260503-1');
  assert.throws(
    () => chooseRun(db, '20260503-9', () => true),
    (error: AppError) => error.code === 'run.unknown',
  );
  assert.equal(newRunId(db, new Date('2026-05-03T12:00:00Z')), '20260503-3');
  assert.equal(newRunId(db, new Date('2026-05-04T12:00:00Z')), '20260504-1');
  const payload = db.prepare<[], string>(`SELECT payload FROM audit WHERE kind = 'run' LIMIT 1`).pluck().get();
  assert.ok(!payload?.includes(folder), 'the audit log holds no path');
  remove();
});

test('a wish is taken once; what is no wish is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-request-'));
  assert.equal(takeRequest(folder), null);
  writeRequest(folder, 'pause');
  writeRequest(folder, 'cancel');
  assert.equal(takeRequest(folder), 'cancel');
  assert.equal(takeRequest(folder), null);
  for (const text of ['{"wish":"format"}', '{"wish":']) {
    writeFileSync(join(folder, 'request.json'), text);
    assert.equal(takeRequest(folder), null, text);
  }
  rmSync(folder, { recursive: true });
});

test('progress over stages never falls, weighs stages by their time and tells what is left', () => {
  let clock = 0;
  const meter = stageMeter(
    [
      { name: 'prepare', seconds: 10 },
      { name: 'adapt', seconds: 90 },
    ],
    () => clock,
  );
  assert.equal(meter.report(0, { fraction: 0 }).secondsLeft, undefined);
  clock = 20;
  const half = meter.report(0, { fraction: 1, rate: 5 });
  assert.deepEqual([half.stage, half.fraction, half.rate, half.secondsLeft], ['prepare', 0.1, 5, 180]);
  assert.equal(meter.report(1, { fraction: 0.5 }).fraction, 0.55);
  assert.equal(meter.report(1, { fraction: 0.2 }).fraction, 0.55);
  assert.equal(meter.report(1, { fraction: 1 }).fraction, 1);
});

const settings = (epochs: number): Settings =>
  ({
    shots: 5,
    regimes: ['probe'],
    columns: [],
    adapt: { epochs, seeds: 1, batch: 8, maxImages: 1000 },
  }) as unknown as Settings;
const speed = {
  provider: 'cpu',
  adaptImagesPerSecond: 50,
  embedImagesPerSecond: 500,
  finetuneImagesPerSecond: 50,
  compileSeconds: 2,
};
const work = {
  images: 1000,
  adaptationImages: 1000,
  labelled: 100,
  classes: 4,
  drawnLabels: 20,
  trainingLabels: 80,
  draws: 5,
};

test('a budget buys as many passes as fit, at least one, never more than asked for', () => {
  const whole = stageSeconds('one-click', work, settings(3), speed).reduce((sum, { seconds }) => sum + seconds, 0);
  assert.equal(epochsWithin(whole + 0.01, work, settings(9), speed), 3);
  assert.equal(epochsWithin(whole - 0.01, work, settings(9), speed), 2);
  assert.equal(epochsWithin(1, work, settings(9), speed), 1);
  assert.equal(epochsWithin(1e9, work, settings(9), speed), 9);
  assert.equal(epochsWithin(1, work, settings(0), speed), 0);
});

test('a record is 4/3 of the side, rounded up to 32', () => {
  assert.deepEqual([96, 128, 224].map(recordSideOf), [128, 192, 320]);
});
