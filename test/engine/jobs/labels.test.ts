import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Manifest } from '../../../src/contract/run-files.ts';
import { adapt, type Adapted } from '../../../src/engine/jobs/adapt.ts';
import { withJob } from '../../../src/engine/jobs/job.ts';
import { miniRun, quiet, twinServices } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
const { project } = await miniRun();

/** One pass of SupCon over a mini run whose manifest was changed. */
async function adapted(runId: string, changed: (manifest: Manifest) => Partial<Manifest>): Promise<Adapted> {
  const settings = { hidden: 32, projection: 16, warmUpEpochs: 0 };
  const run = await miniRun({ project, runId, adapt: { epochs: 1 }, spec: { method: { name: 'supcon', settings } } });
  const manifest = { ...run.manifest, ...changed(run.manifest) };
  await writeFile(join(run.folder, 'manifest.json'), JSON.stringify(manifest));
  return withJob(services, { runFolder: run.folder, device: 'cpu' }, quiet(), (job) => adapt(job, 0));
}

test('an adaptation that learns from labels becomes another with other labels, and only by those that all draws share', async () => {
  const all = (manifest: Manifest) => ({ draws: [{ train: manifest.training.map(({ image }) => image) }] });
  const regrouped = ({ training }: Manifest) =>
    training.map((label) => ({ ...label, class: Math.floor(label.image / 8) }));
  const known = await adapted('known', all);
  assert.equal(known.outcome, 'finished');
  const others = await adapted('others', (manifest) => ({ ...all(manifest), training: regrouped(manifest) }));
  assert.notEqual(others.sha256, known.sha256);
  // Draws without an image in common leave no label that may be known.
  const [some, rest] = [(image: number) => image % 2 === 0, (image: number) => image % 2 === 1];
  const apart = ({ training }: Manifest) => ({
    draws: [some, rest].map((part) => ({ train: training.map(({ image }) => image).filter(part) })),
  });
  await assert.rejects(adapted('apart', apart), { code: 'job.no-shared-labels' });
});
