import type { MonitorRow } from '../../contract/run-files.ts';
import { generator } from '../data/random.ts';
import { effectiveRank, embeddingStd, knnAccuracy, type LabelledRows, type Rows } from '../methods/monitor.ts';
import type { HostTree } from '../nn/types.ts';
import { createEmbedder, type Features } from './embedder.ts';
import type { Job } from './job.ts';

const ADAPTATION_IMAGES = 512;
const LABELLED_IMAGES = 512;

export type Health = Pick<MonitorRow, 'embeddingStd' | 'effectiveRank' | 'knnAccuracy'>;

/** Looks at a backbone by the same images every time: some it adapts to, and some with training labels. */
export interface Monitor {
  look(backbone: HostTree): Promise<Health>;
}

export function createMonitor(job: Job): Monitor {
  const { training, adapt } = job.usable;
  const pick = <T>(items: readonly T[], most: number): T[] => {
    const order = generator(job.run.spec.seed, 'monitor').permutation(items.length).subarray(0, most);
    return [...order].sort((a, b) => a - b).map((at) => items[at] as T);
  };
  const labelled = pick(training, LABELLED_IMAGES);
  // Images that serve both purposes are embedded once.
  const inBoth = new Set(labelled.map(({ image }) => image));
  const shared = adapt.filter((id) => inBoth.has(id));
  const others = pick(
    adapt.filter((id) => !inBoth.has(id)),
    ADAPTATION_IMAGES - shared.length,
  );
  const sample = [...shared, ...others];
  const ids = [...new Set([...sample, ...inBoth])];
  return {
    async look(backbone) {
      // A look is part of the step that ends an epoch: it is not left half-way when the job is to stop.
      const context = { ...job.context, signal: new AbortController().signal };
      const embedder = await createEmbedder({ ...job, context }, 1);
      await embedder.load(backbone);
      const all = await embedder.embedAll(ids);
      const rows = rowsOf(all, sample, job.backbone.features);
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

function rowsOf({ ids, data }: Features, wanted: readonly number[], width: number): Rows {
  const rowOf = new Map(Array.from(ids, (id, row) => [id, row]));
  const out = new Float32Array(wanted.length * width);
  wanted.forEach((id, i) => {
    const row = rowOf.get(id) as number;
    out.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { data: out, count: wanted.length, width };
}
