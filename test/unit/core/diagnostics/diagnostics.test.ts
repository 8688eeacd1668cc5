import '../projects/settings-home.ts';
import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { coreCalls, type CoreCalls } from '../../../../src/contract/core-calls.ts';
import { AppError } from '../../../../src/contract/errors.ts';
import { closeProjects, useProject } from '../../../../src/core/db/projects.ts';
import { handlers } from '../../../../src/core/diagnostics/handlers.ts';
import { observed } from '../../../../src/core/diagnostics/observe.ts';
import { Histogram, noteTime, timed, timings } from '../../../../src/core/diagnostics/timings.ts';
import type { Handlers } from '../../../../src/rpc/types.ts';
import { scratch } from '../../images/files.ts';
import { quiet } from '../projects/quiet.ts';

after(() => closeProjects());
const get = handlers()['diagnostics.get'];

test('quantiles are right to five percent, and the largest exactly', () => {
  const histogram = new Histogram();
  for (let ms = 1; ms <= 1000; ms++) histogram.add(ms);
  for (const [share, right] of [
    [0.5, 500],
    [0.95, 950],
    [0.99, 990],
  ] as const) {
    const told = histogram.quantile(share);
    assert.ok(told >= right && told <= right * 1.051, `${share}: ${told}`);
  }
  assert.deepEqual([histogram.count, histogram.max, histogram.quantile(1)], [1000, 1000, 1000]);
});

test('work is timed whether it ends, fails, or is waited for', async () => {
  assert.equal(
    timed('at once', () => 7),
    7,
  );
  assert.throws(() => timed('failing', () => assert.fail()));
  await timed('later', async () => Promise.resolve());
  noteTime('later', 30);
  const counts = Object.fromEntries(timings().map(({ name, count, max }) => [name, [count, max >= 30]]));
  assert.deepEqual(
    [counts['at once'], counts['failing'], counts['later']],
    [
      [1, false],
      [1, false],
      [2, true],
    ],
  );
});

test('calls are told by name and code, without what they were about', async () => {
  const calls = observed({
    'library.summary': () => Promise.reject(new AppError('folder.missing', { folder: '/scans/Mr Smith' })),
  } as unknown as Handlers<CoreCalls>);
  await assert.rejects(calls['library.summary']({ project: 'x' }, quiet));
  const { log, timings: told, versions, database } = coreCalls['diagnostics.get'].output.parse(await get({}, quiet));
  assert.match(log.at(-1) ?? '', /^\S+Z library\.summary folder\.missing$/);
  assert.equal(log.join('\n').includes('Smith'), false);
  assert.equal(told.find(({ name }) => name === 'library.summary')?.count, 1);
  assert.match(versions['node'] ?? '', /^24\./);
  assert.equal(database, null);
});

test('the database is read through, and damage is found', async (t) => {
  const { id, db, paths } = await useProject(join(scratch(t), 'p'), { create: true });
  assert.deepEqual((await get({ project: id }, quiet)).database, { ok: true, detail: 'ok' });
  db.exec(
    `CREATE TABLE filler (x BLOB); INSERT INTO filler SELECT randomblob(4000) FROM json_each('[1,2,3,4,5,6,7,8,9]')`,
  );
  db.pragma('wal_checkpoint(TRUNCATE)');
  const file = openSync(paths.database, 'r+');
  const size = statSync(paths.database).size;
  for (let at = 8192; at < size; at += 4096) writeSync(file, Buffer.alloc(64, 0xff), 0, 64, at);
  closeSync(file);
  const found = (await get({ project: id }, quiet)).database;
  assert.equal(found?.ok, false);
});
