import type { ManifestImage } from '../../contract/run-files.ts';
import type { HostTree } from '../nn/types.ts';
import type { RecordBatch, Records } from './records.ts';

/**
 * Records as a program takes them: `images` [n, side, side, 3] float32 in 0..1 and `boxes` [n, 4] float32, the content
 * box y0, x0, y1, x1 in 0..1. `images` is filled in place.
 */
export function batchTree({ pixels, boxes }: RecordBatch, side: number, images: Float32Array): HostTree {
  for (let i = 0; i < images.length; i++) images[i] = (pixels[i] as number) / 255;
  return {
    images: { shape: [boxes.length, side, side, 3], dtype: 'float32', data: images },
    boxes: {
      shape: [boxes.length, 4],
      dtype: 'float32',
      data: Float32Array.from(boxes.flat(), (edge) => edge / side),
    },
  };
}

/** Reads one batch ahead, so that the disk works while the engine does. */
export interface BatchReader {
  /** The batch of the next step. Its arrays are used again two steps later. */
  next(): Promise<HostTree>;
  /** Seconds the caller has waited for data so far. */
  readonly waited: number;
  /** Waits for what is still being read. */
  close(): Promise<void>;
}

export interface ReaderOptions {
  readonly records: Records;
  /** Images of a step; the same number every time. */
  readonly imagesOf: (step: number) => readonly ManifestImage[];
  readonly batch: number;
  readonly firstStep: number;
  /** Steps there are; nothing beyond is read. */
  readonly steps: number;
}

export function createReader({ records, imagesOf, batch, firstStep, steps }: ReaderOptions): BatchReader {
  const { side, recordBytes } = records.cache;
  const buffers = [0, 1].map(() => ({
    pixels: new Uint8Array(batch * recordBytes),
    images: new Float32Array(batch * recordBytes),
  }));
  const begin = async (step: number): Promise<HostTree> => {
    const { pixels, images } = buffers[step % 2] as (typeof buffers)[number];
    return batchTree(await records.read(imagesOf(step), pixels), side, images);
  };
  let step = firstStep;
  let waited = 0;
  let ahead: Promise<HostTree> | null = null;
  const start = (wanted: number): Promise<HostTree> => {
    const reading = begin(wanted);
    // Handled by whoever asks for the batch; until then it is not an unhandled rejection.
    reading.catch(() => {});
    return reading;
  };
  return {
    async next() {
      const begun = performance.now();
      const tree = await (ahead ?? start(step));
      waited += (performance.now() - begun) / 1000;
      step++;
      ahead = step < steps ? start(step) : null;
      return tree;
    },
    get waited() {
      return waited;
    },
    async close() {
      await ahead?.catch(() => {});
    },
  };
}
