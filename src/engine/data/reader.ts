import type { ManifestImage } from '../../contract/run-files.ts';
import type { HostTree } from '../nn/types.ts';
import type { Box } from './record-cache.ts';
import type { FailedImage, RecordBatch, Records } from './records.ts';

/** Records as `recordSpec` describes them. The bytes are handed on as they are. */
export function batchTree({ pixels, boxes }: RecordBatch, side: number): HostTree {
  return {
    images: { shape: [boxes.length, side, side, 3], dtype: 'uint8', data: pixels },
    boxes: {
      shape: [boxes.length, 4],
      dtype: 'float32',
      data: Float32Array.from(boxes.flat(), (edge) => edge / side),
    },
  };
}

/** Begins to read. A failure is told to whoever asks for the images; until then it is not an unhandled rejection. */
function begun<T>(reading: Promise<T>): Promise<T> {
  reading.catch(() => {});
  return reading;
}

/** Reads one batch ahead, so that the disk and the decoders work while the engine does. */
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
  const buffers = [0, 1].map(() => new Uint8Array(batch * recordBytes));
  const read = async (step: number): Promise<HostTree> =>
    batchTree(await records.read(imagesOf(step), buffers[step % 2] as Uint8Array), side);
  let step = firstStep;
  let waited = 0;
  let ahead: Promise<HostTree> | null = null;
  return {
    async next() {
      const asked = performance.now();
      const tree = await (ahead ?? read(step));
      waited += (performance.now() - asked) / 1000;
      step++;
      ahead = step < steps ? begun(read(step)) : null;
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

/** A part of a list of images. */
export interface Part {
  /** Those that could be read. */
  readonly images: readonly ManifestImage[];
  /** Their records, back to back. Used again two parts later. */
  readonly pixels: Uint8Array;
  readonly boxes: readonly Box[];
  readonly failed: readonly FailedImage[];
}

/** Reads a list in parts of `size` images, one part ahead of whoever takes them. Memory does not grow with the list. */
export async function* readParts(
  records: Records,
  images: readonly ManifestImage[],
  size: number,
): AsyncGenerator<Part> {
  const { recordBytes } = records.cache;
  const buffers = [0, 1].map(() => new Uint8Array(Math.min(size, images.length) * recordBytes));
  const read = async (at: number): Promise<Part> => {
    const wanted = images.slice(at, at + size);
    const pixels = buffers[(at / size) % 2] as Uint8Array;
    const { boxes, failed } = await records.tryRead(wanted, pixels);
    const rows = boxes.flatMap((box, i) => (box ? [i] : []));
    rows.forEach((row, i) => {
      if (row !== i) pixels.copyWithin(i * recordBytes, row * recordBytes, (row + 1) * recordBytes);
    });
    return {
      images: rows.map((row) => wanted[row] as ManifestImage),
      pixels,
      boxes: rows.map((row) => boxes[row] as Box),
      failed,
    };
  };
  let ahead = images.length > 0 ? begun(read(0)) : null;
  try {
    for (let at = 0; ahead; at += size) {
      const part: Part = await ahead;
      ahead = at + size < images.length ? begun(read(at + size)) : null;
      yield part;
    }
  } finally {
    await ahead?.catch(() => {});
  }
}
