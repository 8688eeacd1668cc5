import { AppError } from '../../contract/errors.ts';
import type { ManifestImage } from '../../contract/run-files.ts';
import type { ImagePool } from '../../images/pool.ts';
import type { Box, RecordCache } from './record-cache.ts';

/** An image that gave no record, and the decoder's stable word for why. */
export interface FailedImage {
  readonly image: number;
  readonly code: string;
}

export const lostImage = ({ image, code }: FailedImage): AppError =>
  new AppError('job.image-lost', { image, reason: code });

export interface DecodedImage {
  readonly image: ManifestImage;
  readonly pixels: Uint8Array;
  readonly box: Box;
}

/** Records of a batch, back to back. */
export interface RecordBatch {
  /** [n, side, side, 3] */
  readonly pixels: Uint8Array;
  readonly boxes: readonly Box[];
}

/**
 * Records of images by one function: from the cache where they are there, decoded on demand where they are not
 * (the cache was too small for all, or was cleared).
 */
export class Records {
  readonly cache: RecordCache;
  readonly #pool: ImagePool;

  constructor(cache: RecordCache, pool: ImagePool) {
    this.cache = cache;
    this.#pool = pool;
  }

  /** Decodes images, whatever the cache holds; outcomes come as they are ready. */
  async *decode(images: readonly ManifestImage[], signal?: AbortSignal): AsyncGenerator<DecodedImage | FailedImage> {
    if (images.length === 0) return;
    const sources = images.map(({ path, page }) => (page === undefined ? { path } : { path, page }));
    for await (const outcome of this.#pool.recordMany(sources, {
      side: this.cache.side,
      ...(signal ? { signal } : {}),
    })) {
      const image = images[outcome.index] as ManifestImage;
      yield outcome.ok ? { image, ...outcome.value } : { image: image.id, code: outcome.code };
    }
  }

  /**
   * Reads every image into `pixels`. An image that cannot be decoded leaves its place as it was and is told in `failed`.
   * @param pixels n × side²×3 bytes
   */
  async tryRead(
    images: readonly ManifestImage[],
    pixels: Uint8Array,
  ): Promise<{ boxes: (Box | null)[]; failed: FailedImage[] }> {
    const { recordBytes } = this.cache;
    const place = (i: number): Uint8Array => pixels.subarray(i * recordBytes, (i + 1) * recordBytes);
    const boxes = await this.cache.read(images, pixels);
    const missing = [...new Set(images.filter((_, i) => !boxes[i]))];
    const failed: FailedImage[] = [];
    for await (const outcome of this.decode(missing)) {
      if ('code' in outcome) failed.push(outcome);
      else
        images.forEach((image, i) => {
          if (image !== outcome.image) return;
          place(i).set(outcome.pixels);
          boxes[i] = outcome.box;
        });
    }
    return { boxes, failed };
  }

  /**
   * As `tryRead`, of images known to be readable.
   * @throws AppError `job.image-lost`
   */
  async read(images: readonly ManifestImage[], pixels: Uint8Array): Promise<RecordBatch> {
    const { boxes, failed } = await this.tryRead(images, pixels);
    const [lost] = failed;
    if (lost) throw lostImage(lost);
    return { pixels, boxes: boxes as Box[] };
  }
}
