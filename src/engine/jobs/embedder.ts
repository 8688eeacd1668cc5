import type { RunSpec } from '../../contract/run-files.ts';
import { batchTree, readParts } from '../data/reader.ts';
import { lostImage } from '../data/records.ts';
import type { Box } from '../data/record-cache.ts';
import { withPrefix } from '../nn/tree.ts';
import type { HostTree } from '../nn/types.ts';
import { embedProgram } from '../regimes/programs/embed.ts';
import type { Job } from './job.ts';

/** What embedding needs of a job; features for suggestions have no run behind them. */
export type EmbedJob = Pick<Job, 'services' | 'executor' | 'backbone' | 'records'> & {
  readonly context: Pick<Job['context'], 'signal'>;
  readonly run: { readonly spec: Pick<Job['run']['spec'], 'size' | 'recordSide'> } & Pick<Job['run'], 'image'>;
};

export const EMBED_BATCH = 32;

/** Pooled features: rows in the order of `ids`. */
export interface Features {
  readonly ids: Int32Array;
  /** [n, width] */
  readonly data: Float32Array;
}

/** Computes pooled features of whole images with the backbone that was loaded last. */
export interface Embedder {
  load(backbone: HostTree): Promise<void>;
  /**
   * Features of at most `EMBED_BATCH` records.
   * @param pixels their records, back to back
   * @returns [boxes.length, width]
   */
  embed(pixels: Uint8Array, boxes: readonly Box[]): Promise<Float32Array>;
  /**
   * Features of images of the run, all of which can be read, a batch at a time; one batch is read ahead. Memory does not
   * grow with their number.
   * @throws AppError `job.image-lost`; the reason of the job's signal when aborted
   */
  embedEach(ids: readonly number[]): AsyncIterable<Float32Array>;
  /** The same, all held at once: for as many as are learned from or scored. */
  embedAll(ids: readonly number[]): Promise<Features>;
}

/** Over how many flips and quarter turns of an image a run takes the mean. */
export const turnsOf = ({ testTimeAugmentation }: Pick<RunSpec, 'testTimeAugmentation'>): 1 | 8 =>
  testTimeAugmentation ? 8 : 1;

/** @param turns 8 averages over all flips and quarter turns */
export async function createEmbedder(job: EmbedJob, turns: 1 | 8): Promise<Embedder> {
  const { spec } = job.run;
  const { side, recordBytes } = job.records.cache;
  const options = { batch: EMBED_BATCH, recordSide: spec.recordSide, size: spec.size, turns };
  const key = `embed ${job.backbone.name} ${JSON.stringify(options)}`;
  const make = () => embedProgram({ backbone: job.backbone, ...options });
  const compiled = await job.services.programs.get(job.executor, 'pass', key, make);
  const width = job.backbone.features;
  const whole: Box = [0, 0, side, side];
  const padded = new Uint8Array(EMBED_BATCH * recordBytes);

  async function embed(pixels: Uint8Array, boxes: readonly Box[]): Promise<Float32Array> {
    const given = pixels.subarray(0, boxes.length * recordBytes);
    // A program has one batch size: what lies beyond the images given is computed and thrown away.
    const full = boxes.length === EMBED_BATCH;
    if (!full) padded.set(given);
    const filled = Array.from({ length: EMBED_BATCH }, (_, i) => boxes[i] ?? whole);
    const batch = batchTree({ pixels: full ? given : padded, boxes: filled }, side);
    const { features } = await compiled.run({ batch, hyper: {}, random: {} });
    return (features?.data as Float32Array).slice(0, boxes.length * width);
  }

  async function* embedEach(ids: readonly number[]): AsyncGenerator<Float32Array> {
    const images = ids.map((id) => job.run.image(id));
    for await (const { pixels, boxes, failed } of readParts(job.records, images, EMBED_BATCH)) {
      const [lost] = failed;
      if (lost) throw lostImage(lost);
      job.context.signal.throwIfAborted();
      yield await embed(pixels, boxes);
    }
  }

  return {
    load: (backbone) => compiled.load(withPrefix(backbone, 'backbone.')),
    embed,
    embedEach,
    async embedAll(ids) {
      const out: Features = { ids: Int32Array.from(ids), data: new Float32Array(ids.length * width) };
      let at = 0;
      for await (const features of embedEach(ids)) {
        out.data.set(features, at);
        at += features.length;
      }
      return out;
    },
  };
}
