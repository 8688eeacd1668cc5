import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArmName } from '../../contract/run-files.ts';
import { generator } from '../data/random.ts';
import { partialProbes } from '../regimes/held-out.ts';
import { calledByOrders } from '../regimes/orders.ts';
import type { HostTensor } from '../nn/types.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import { armFeatures } from './embed.ts';
import type { Job } from './job.ts';

/** Beyond this many labels a few more change nothing, and fits take minutes. */
const mostLabels = 2000;

/**
 * What check images are called by probes on ever more of the training labels, with the first adaptation seed, in random
 * orders: the learning curve before anyone looks at check labels. Every regime is told by the probe, which is fitted in
 * milliseconds. Of repeated splits each is walked by itself, in one order of the labels it trains with, and asked about
 * what it held out.
 * @returns steps of the curve (of repeated splits the most that one has); 0 where there is none
 */
export async function curve(job: Job, arm: ArmName): Promise<number> {
  const path = job.run.paths.curve(arm);
  const mostSteps = (tensors: Record<string, { shape: readonly number[] }>): number =>
    Math.max(
      0,
      ...Object.entries(tensors).flatMap(([name, { shape }]) => (name.startsWith('steps') ? [shape[0]!] : [])),
    );
  const there = await readSafetensors(path).catch(() => null);
  if (there) return mostSteps(there.tensors);
  const walks = walksOf(job);
  if (walks.some(({ train, asked }) => asked.length === 0 || train.length === 0 || train.length > mostLabels)) return 0;
  const features = await armFeatures(job, arm, 0);
  const classOf = new Map(job.usable.training.map((label) => [label.image, label.class]));
  const classes = job.run.manifest.classes.length;
  const random = generator(job.run.spec.seed, 'learning curve');
  const tensors: Record<string, HostTensor> = {};
  for (const { name, train, asked, orders } of walks) {
    const truth = train.map((image) => classOf.get(image)!);
    const probes = partialProbes(features.rows(train), truth, classes, features.mean, features.rows(asked));
    const { signal } = job.context;
    const { steps, called } = calledByOrders(probes, truth, classes, asked.length, random, { orders, signal });
    const data = new Int32Array(called.length * steps.length * asked.length);
    called.flat().forEach((row, i) => data.set(row, i * asked.length));
    tensors[`ids${name}`] = { shape: [asked.length], dtype: 'int32', data: Int32Array.from(asked) };
    tensors[`steps${name}`] = { shape: [steps.length], dtype: 'float32', data: Float32Array.from(steps) };
    tensors[`called${name}`] = { shape: [called.length, steps.length, asked.length], dtype: 'int32', data };
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeSafetensors(path, tensors);
  return mostSteps(tensors);
}

/** Which labels are walked, and which images each step is asked about; `name` ends the names of its tensors. */
function walksOf({ usable: { training, check, draws }, run }: Job): readonly {
  readonly name: string;
  readonly train: readonly number[];
  readonly asked: readonly number[];
  readonly orders?: number;
}[] {
  if (run.spec.protocol.check !== 'repeated') {
    return [{ name: '', train: training.map(({ image }) => image), asked: check }];
  }
  return draws.map(({ train, score = [] }, draw) => ({ name: `.${draw}`, train, asked: score, orders: 1 }));
}
