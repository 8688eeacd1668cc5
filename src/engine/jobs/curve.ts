import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArmName } from '../../contract/run-files.ts';
import { generator } from '../data/random.ts';
import { partialProbes } from '../regimes/held-out.ts';
import { calledByOrders } from '../regimes/orders.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import { armFeatures } from './embed.ts';
import type { Job } from './job.ts';

/** Beyond this many labels a few more change nothing, and fits take minutes. */
const mostLabels = 2000;

/**
 * What check images are called by probes on ever more of the training labels, with the first adaptation seed, in random
 * orders: the learning curve before anyone looks at check labels. Every regime is told by the probe, which is fitted in
 * milliseconds. Of repeated splits there are no images that all steps could be checked on.
 * @returns steps of the curve; 0 where there is none
 */
export async function curve(job: Job, arm: ArmName): Promise<number> {
  const { training, check } = job.usable;
  const path = job.run.paths.curve(arm);
  const there = await readSafetensors(path).catch(() => null);
  if (there) return there.tensors['steps']?.data.length ?? 0;
  if (check.length === 0 || training.length === 0 || training.length > mostLabels) return 0;
  const features = await armFeatures(job, arm, 0);
  const truth = training.map((label) => label.class);
  const classes = job.run.manifest.classes.length;
  const rows = features.rows(training.map(({ image }) => image));
  const probes = partialProbes(rows, truth, classes, features.mean, features.rows(check));
  const random = generator(job.run.spec.seed, 'learning curve');
  const { steps, called } = calledByOrders(probes, truth, classes, check.length, random, job.context.signal);
  const shape = [called.length, steps.length, check.length];
  const data = new Int32Array(called.length * steps.length * check.length);
  called.flat().forEach((row, i) => data.set(row, i * check.length));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeSafetensors(path, {
    ids: { shape: [check.length], dtype: 'int32', data: Int32Array.from(check) },
    steps: { shape: [steps.length], dtype: 'float32', data: Float32Array.from(steps) },
    called: { shape, dtype: 'int32', data },
  });
  return steps.length;
}
