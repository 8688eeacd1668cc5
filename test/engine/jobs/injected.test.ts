import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { z } from 'zod';
import { monitorRowSchema, runNoticeSchema } from '../../../src/contract/run-files.ts';
import { adapt, type Adapted } from '../../../src/engine/jobs/adapt.ts';
import { withJob } from '../../../src/engine/jobs/job.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
afterEach(() => delete process.env['ACCLIMATE_FAULT']);

const adapted = (run: MiniRun): Promise<Adapted> =>
  withJob(services, { runFolder: run.folder, device: 'cpu' }, quiet(), (job) => adapt(job, 0));
const recordSchema = z.object({ notices: z.array(runNoticeSchema), monitor: z.array(monitorRowSchema) });
const recordOf = async (run: MiniRun): Promise<z.infer<typeof recordSchema>> =>
  recordSchema.parse(JSON.parse(await readFile(join(run.folder, 'adapt', 'seed-0.json'), 'utf8')));

test('embeddings in one point stop the adaptation after two passes', async () => {
  const run = await miniRun({ adapt: { epochs: 4 }, runId: 'collapse' });
  process.env['ACCLIMATE_FAULT'] = 'collapse';
  const { outcome, monitor } = await adapted(run);
  assert.equal(outcome, 'collapsed');
  assert.deepEqual(
    monitor.map(({ epoch }) => epoch),
    [0, 1, 2],
  );
});

test('numbers out of range go back to the last saved point, and on with smaller steps', async () => {
  const run = await miniRun({ adapt: { epochs: 3 }, runId: 'nan' });
  process.env['ACCLIMATE_FAULT'] = 'nan';
  assert.equal((await adapted(run)).outcome, 'finished');
  const { notices, monitor } = await recordOf(run);
  assert.deepEqual(notices, [{ code: 'train.nan', params: { pass: 2 } }]);
  assert.deepEqual(
    monitor.map(({ epoch }) => epoch),
    [0, 1, 2, 3],
  );
});

test('without enough memory it goes on with half as many images at a time', async () => {
  const run = await miniRun({ adapt: { epochs: 2, batch: 8 }, runId: 'memory' });
  process.env['ACCLIMATE_FAULT'] = 'memory';
  assert.equal((await adapted(run)).outcome, 'finished');
  assert.deepEqual((await recordOf(run)).notices, [{ code: 'memory.out', params: { from: 8, to: 4 } }]);
});

test('a full disk is told once, and the run goes on to the same bytes', async () => {
  const whole = await miniRun({ adapt: { epochs: 3 }, runId: 'whole' });
  const run = await miniRun({ adapt: { epochs: 3 }, runId: 'disk' });
  process.env['ACCLIMATE_FAULT'] = 'disk';
  await assert.rejects(adapted(run), { code: 'disk.full' });
  const { outcome, sha256 } = await adapted(run);
  assert.equal(outcome, 'finished');
  assert.equal(sha256, (await adapted(whole)).sha256);
});
