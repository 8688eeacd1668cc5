import type { MonitorRow } from '../../contract/run-files.ts';
import { generator } from '../data/random.ts';
import { effectiveRank, embeddingStd, knnAccuracy, type LabelledRows, type Rows } from '../methods/monitor.ts';
import type { HostTree } from '../nn/types.ts';
import { createEmbedder, type Features } from './embedder.ts';
import type { Job } from './job.ts';

/**
 * Images it looks at of those that are learned from: a quarter of them, so that a look takes a thirtieth of the pass it
 * follows, in which each is passed some eight times; and never so few that directions cannot be told apart.
 */
const ADAPTATION_IMAGES = { least: 128, share: 1 / 4, most: 512 };
const LABELLED_IMAGES = 512;

export type Health = Pick<MonitorRow, 'embeddingStd' | 'effectiveRank' | 'knnAccuracy'>;

/** Looks at a backbone by the same images every time: some it adapts to, and some with training labels. */
export interface Monitor {
  look(backbone: HostTree): Promise<Health>;
}

/**
 * What a monitor looks at: images that are learned from, and labelled ones; those that are both first, as they are
 * embedded once.
 */
export function sampleOf({ training, adapt }: Pick<Job['usable'], 'training' | 'adapt'>, seed: number) {
  const pick = <T>(items: readonly T[], most: number): T[] => {
    const order = generator(seed, 'monitor').permutation(items.length).subarray(0, Math.max(0, most));
    return [...order].sort((a, b) => a - b).map((at) => items[at] as T);
  };
  const labelled = pick(training, LABELLED_IMAGES);
  const inBoth = new Set(labelled.map(({ image }) => image));
  const shared = adapt.filter((id) => inBoth.has(id));
  const others = pick(
    adapt.filter((id) => !inBoth.has(id)),
    lookedAt(adapt.length) - shared.length,
  );
  return { learnedFrom: [...shared, ...others], labelled };
}

export function createMonitor(job: Job): Monitor {
  const { learnedFrom, labelled } = sampleOf(job.usable, job.run.spec.seed);
  const ids = [...new Set([...learnedFrom, ...labelled.map(({ image }) => image)])];
  return {
    async look(backbone) {
      // A look is part of the step that ends an epoch: it is not left half-way when the job is to stop.
      const context = { ...job.context, signal: new AbortController().signal };
      const embedder = await createEmbedder({ ...job, context }, 1);
      await embedder.load(backbone);
      const all = await embedder.embedAll(ids);
      const rows = rowsOf(all, learnedFrom, job.backbone.features);
      const known: LabelledRows = {
        ...rowsOf(
          all,
          labelled.map(({ image }) => image),
          job.backbone.features,
        ),
        labels: labelled.map((label) => label.class),
        groups: labelled.map((label) => label.group),
      };
      return {
        embeddingStd: embeddingStd(rows),
        effectiveRank: effectiveRank(rows),
        knnAccuracy: known.count > 0 ? knnAccuracy(known) : null,
      };
    },
  };
}

function lookedAt(images: number): number {
  const { least, share, most } = ADAPTATION_IMAGES;
  return Math.min(most, Math.max(least, Math.ceil(share * images)));
}

function rowsOf({ ids, data }: Features, wanted: readonly number[], width: number): Rows {
  const rowOf = new Map(Array.from(ids, (id, row) => [id, row]));
  const out = new Float32Array(wanted.length * width);
  wanted.forEach((id, i) => {
    const row = rowOf.get(id) as number;
    out.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { data: out, count: wanted.length, width };
}
