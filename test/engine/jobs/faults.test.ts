import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AppError } from '../../../src/contract/errors.ts';
import type { Progress } from '../../../src/contract/progress.ts';
import { adapt } from '../../../src/engine/jobs/adapt.ts';
import { finetune } from '../../../src/engine/jobs/finetune.ts';
import { withJob, withRecords, type Job } from '../../../src/engine/jobs/job.ts';
import { prepare } from '../../../src/engine/jobs/prepare.ts';
import { readSafetensors } from '../../../src/engine/weights/safetensors.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
const inJob = <T>(run: MiniRun, work: (job: Job) => Promise<T>): Promise<T> =>
  withJob(services, { runFolder: run.folder, device: 'cpu' }, quiet(), work);
const prepareIn = (run: MiniRun, cacheBytes?: number, report?: (progress: Progress) => void) =>
  withRecords(services, run.folder, (folder, records) =>
    prepare(folder, records, { ...quiet(), ...(report ? { progress: report } : {}) }, cacheBytes),
  );

test('preparing fills the cache once, and tells how far it is', async () => {
  const run = await miniRun();
  const told: Progress[] = [];
  const count = run.manifest.images.length;
  assert.deepEqual(await prepareIn(run, undefined, (p) => told.push(p)), { decoded: count, cached: count, failed: [] });
  assert.equal(told.at(-1)?.fraction, 1);
  assert.ok(told.every(({ fraction }, i) => fraction >= (told[i - 1]?.fraction ?? 0)));
  assert.deepEqual(await prepareIn(run), { decoded: 0, cached: count, failed: [] });
  await rm(run.manifest.cacheFolder, { recursive: true });
  assert.deepEqual(await prepareIn(run), { decoded: count, cached: count, failed: [] });
});

test('an image that cannot be read is told, and left out with its label', async () => {
  const run = await miniRun();
  const [training, check] = [run.manifest.training[0]?.image ?? NaN, run.manifest.check[0] ?? NaN];
  await truncate(run.manifest.images[training]?.path ?? '', 60);
  await writeFile(run.manifest.images[check]?.path ?? '', '');
  const { failed } = await prepareIn(run);
  assert.deepEqual(failed, [
    { image: training, code: 'truncated' },
    { image: check, code: 'empty' },
  ]);
  await inJob(run, async (job) => {
    assert.ok(!job.usable.adapt.includes(training));
    assert.ok(job.usable.training.every(({ image }) => image !== training));
    assert.ok(job.usable.draws.every(({ train }) => !train.includes(training)));
    await finetune(job, 'plain', 0, 0);
  });
  const { ids } = (await readSafetensors(join(run.folder, 'predictions', 'plain-0-0.safetensors'))).tensors;
  assert.deepEqual([...(ids?.data ?? [])], run.manifest.check.slice(1));
});

test('with no room for a cache the images are decoded on demand, to the same bytes', async () => {
  const cached = await miniRun({ runId: 'cached' });
  await prepareIn(cached);
  const streamed = await miniRun({ runId: 'streamed' });
  assert.deepEqual(await prepareIn(streamed, 5 * 64 * 64 * 3), { decoded: 24, cached: 5, failed: [] });
  const hashes = [];
  for (const run of [cached, streamed]) hashes.push((await inJob(run, (job) => adapt(job, 0))).sha256);
  assert.equal(hashes[0], hashes[1]);
});

test('an image that goes missing after preparing stops the job, which then goes on when it is back', async () => {
  const run = await miniRun({ spec: { testTimeAugmentation: true } });
  await prepareIn(run, 0);
  const { path = '' } = run.manifest.images[0] ?? {};
  const bytes = await readFile(path);
  await rm(path);
  await assert.rejects(
    inJob(run, (job) => finetune(job, 'plain', 0, 0)),
    { code: 'job.image-lost', params: { image: 0, reason: 'missing' } },
  );
  await writeFile(path, bytes);
  assert.equal(await inJob(run, (job) => finetune(job, 'plain', 0, 0)), 'probe');
});

test('a run folder without or with a wrong specification is refused by name', async () => {
  const run = await miniRun();
  await writeFile(join(run.folder, 'spec.json'), '{"version":2}');
  await assert.rejects(
    inJob(run, () => Promise.resolve()),
    (error: AppError) => error.code === 'job.run-folder' && error.message.includes('spec.json'),
  );
  await rm(join(run.folder, 'manifest.json'));
  await assert.rejects(
    inJob(run, () => Promise.resolve()),
    { code: 'job.run-folder' },
  );
});

test('the adapted arm cannot be trained before the adaptation', async () => {
  await assert.rejects(
    inJob(await miniRun(), (job) => finetune(job, 'adapted', 0, 0)),
    { code: 'job.not-adapted' },
  );
});

const run_ = promisify(execFile);
const child = fileURLToPath(new URL('./adapt-child.ts', import.meta.url));
const mount = await mkdtemp(join(tmpdir(), 'acclimate-full-'));
const canMount = await run_('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', mount]).then(
  () => true,
  () => false,
);

test(
  'a full disk stops the run at its saved point, and it resumes to the same bytes',
  { skip: canMount ? false : 'mounting a small disk is not permitted here' },
  async () => {
    const adapt = { epochs: 3 };
    const whole = await miniRun({ adapt, runId: 'whole' });
    const expected = await run_(process.execPath, [child, whole.folder]);
    const run = await miniRun({ adapt, runId: 'full' });
    const there = join(mount, 'project', 'runs', 'full');
    // The disk lives as long as the one shell that mounts it.
    const script = `
      set -e
      mount -t tmpfs -o size=64m none ${mount}
      cp -r ${run.project} ${mount}/project
      ${process.execPath} ${child} ${there} 4
      ls ${there}/adapt
      dd if=/dev/zero of=${mount}/filler bs=4k 2>/dev/null || true
      ${process.execPath} ${child} ${there} || true
      ls ${there}/adapt
      rm ${mount}/filler
      ${process.execPath} ${child} ${there}`;
    const { stdout } = await run_('unshare', ['-rm', 'sh', '-c', script]);
    const lines = stdout.trim().split('\n');
    const paused = lines.findIndex((line) => line.startsWith('paused'));
    const full = lines.findIndex((line) => line === 'error disk.full');
    const points = (from: number, to: number): string[] =>
      lines.slice(from, to).filter((line) => line.includes('.point-'));
    assert.ok(paused >= 0 && full > paused, stdout);
    assert.ok(points(paused, full).length > 0);
    assert.deepEqual(points(full, lines.length), points(paused, full), 'saved points are intact');
    assert.equal(lines.at(-1), expected.stdout.trim().split('\n').at(-1));
  },
);

after(() => rm(mount, { recursive: true, force: true }));
