import { generator } from '../data/random.ts';
import { createReader } from '../data/reader.ts';
import type { Objective } from '../methods/types.ts';
import { leaf, withPrefix } from '../nn/tree.ts';
import type { HostTensor, HostTree } from '../nn/types.ts';
import { placesProgram } from '../regimes/programs/places.ts';
import { EMBED_BATCH } from './embedder.ts';
import type { Job } from './job.ts';

/** Vectors that words are made of: enough for a few thousand words, and quickly put into them. */
const PLACES = 8192;

/**
 * Values of buffers that an objective finds out of the images before its first step.
 * @param teacher weights of its target
 */
export async function begin(job: Job, objective: Objective, teacher: HostTree, seed: number): Promise<HostTree> {
  const found = await objective.begin?.({
    executor: job.executor,
    random: generator(seed, 'words'),
    places: () => placesOf(job, objective, teacher, seed),
  });
  return found ?? {};
}

/** Vectors of the teacher's maps of images drawn at random. */
async function placesOf(job: Job, objective: Objective, teacher: HostTree, seed: number): Promise<HostTensor> {
  const { run, records, usable, executor } = job;
  const { size, recordSide } = run.spec;
  const backbone = objective.teacher ?? job.backbone;
  const order = [...generator(seed, 'words of images').permutation(usable.adapt.length)];
  const batches = Math.ceil(order.length / EMBED_BATCH);
  const imagesOf = (batch: number) =>
    Array.from({ length: EMBED_BATCH }, (_, i) => {
      const at = order[(batch * EMBED_BATCH + i) % order.length] as number;
      return run.image(usable.adapt[at] as number);
    });
  const compiled = await executor.compile(placesProgram({ backbone, batch: EMBED_BATCH, recordSide, size }));
  const reader = createReader({ records, imagesOf, batch: EMBED_BATCH, firstStep: 0, steps: batches });
  try {
    await compiled.load(withPrefix(teacher, 'backbone.'));
    const parts: Float32Array[] = [];
    let rows = 0;
    for (let batch = 0; batch < batches && rows < PLACES; batch++) {
      const { data, shape } = leaf(await compiled.run({ batch: await reader.next(), hyper: {}, random: {} }), 'places');
      parts.push((data as Float32Array).slice());
      rows += shape[0] as number;
    }
    const all = new Float32Array(rows * backbone.features);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return { shape: [rows, backbone.features], dtype: 'float32', data: all };
  } finally {
    await reader.close();
    await compiled.dispose();
  }
}
