import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import type { ManifestImage, RegimeName } from '../../../src/contract/run-files.ts';
import { deploy } from '../../../src/engine/jobs/deploy.ts';
import { withJob, type Job } from '../../../src/engine/jobs/job.ts';
import { predict } from '../../../src/engine/jobs/predict.ts';
import { readSafetensors } from '../../../src/engine/weights/safetensors.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
const inJob = <T>({ folder }: MiniRun, work: (job: Job) => Promise<T>): Promise<T> =>
  withJob(services, { runFolder: folder, device: 'cpu' }, quiet(), work);

/** Of 28 images, 21 are training images: as few as a limit can be told from, and two more. */
const images = 28;
const strange = 1000;

/** A black image, which is nothing like stripes. */
async function black(folder: string): Promise<ManifestImage> {
  const path = join(folder, 'black.png');
  await sharp({ create: { width: 40, height: 40, channels: 3, background: '#000' } })
    .png()
    .toFile(path);
  return { id: strange, path, hash: createHash('sha256').update('black').digest('hex') };
}

async function told(run: MiniRun, asked: readonly ManifestImage[]) {
  const out = join(run.folder, 'out.safetensors');
  const { unlike } = await inJob(run, (job) => predict(job, 'plain', asked, out));
  const { tensors } = await readSafetensors(out);
  const ids = [...(tensors['ids']?.data ?? [])];
  const distances = tensors['distances'] && new Map(ids.map((id, row) => [id, tensors['distances']!.data[row]!]));
  return { unlike, distances };
}

async function applied(regime: RegimeName): Promise<MiniRun> {
  const run = await miniRun({ images, runId: regime, spec: { regimes: [regime] }, adapt: { seeds: 1 } });
  await inJob(run, (job) => deploy(job, 'plain'));
  return run;
}

test('every image is told how far it is from the training images, by the backbone from before labels tuned it', async () => {
  const probe = await applied('probe');
  const asked = [...probe.manifest.images, await black(probe.folder)];
  const { unlike, distances } = await told(probe, asked);
  const { training, check } = probe.manifest;
  assert.deepEqual([unlike?.labels, unlike?.usual?.images], [training.length, training.length], 'few check images');
  assert.equal(distances!.size, asked.length);
  const of = (ids: readonly number[]): number[] => ids.map((id) => distances!.get(id)!);
  assert.ok(Math.max(...of(training.map(({ image }) => image))) < 0.1, 'a training image is at itself');
  assert.ok(Math.min(...of(check)) > 0.1, `${of(check)}`);
  assert.ok(of(check).filter((distance) => distance > 1).length <= 2, `${of(check)}`);
  assert.ok(distances!.get(strange)! > 2, `${distances!.get(strange)}`);

  const tuned = await told(await applied('full'), asked);
  assert.deepEqual(tuned.unlike, unlike);
  for (const [id, distance] of distances!) assert.ok(Math.abs(tuned.distances!.get(id)! - distance) < 1e-4);
});

test('with too few training images, or when they are gone with what was known of them, nothing is told', async () => {
  const few = await miniRun({ images: 24 });
  await inJob(few, (job) => deploy(job, 'plain'));
  const asked = [await black(few.folder)];
  const without = await told(few, asked);
  assert.deepEqual(without, {
    unlike: { version: 1, labels: 18, limit: null, usual: null },
    distances: undefined,
  });
  for (const place of ['features', 'models/unlike-plain.json'])
    await rm(join(few.folder, place), { recursive: true, force: true });
  await rm(few.manifest.cacheFolder, { recursive: true });
  for (const { path } of few.manifest.images) await rm(path);
  assert.deepEqual(await told(few, asked), { unlike: null, distances: undefined });
});
