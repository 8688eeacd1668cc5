import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ManifestImage } from '../../contract/run-files.ts';
import { throwDiskFull } from '../../files/whole.ts';

export const RECORDS_PER_SHARD = 4096;
/** 16 bytes of the content key, box 4 × uint16, CRC-32 of the pixels. */
const KEY_BYTES = 28;

/** Where the picture lies in its record, in pixels: y0, x0, y1, x1 (ends excluded). */
export type Box = readonly [number, number, number, number];

interface Shard {
  readonly records: FileHandle;
  readonly keys: FileHandle;
  /** The key file, whole. */
  readonly table: Buffer;
}

/**
 * Decoded images on disk: records of side²×3 bytes in shards of 4096, an image's slot being its id. A record counts
 * only where its key carries the image's content hash, and is read only where its checksum agrees: a shard that was
 * cut short, or written for another image, is as good as empty.
 */
export class RecordCache {
  readonly side: number;
  readonly recordBytes: number;
  readonly #folder: string;
  readonly #shards = new Map<number, Promise<Shard>>();

  constructor(cacheFolder: string, side: number) {
    this.side = side;
    this.recordBytes = side * side * 3;
    this.#folder = join(cacheFolder, `side-${side}`);
  }

  /** Whether a record for exactly this content is there. */
  async has(image: ManifestImage): Promise<boolean> {
    const { table } = await this.#shard(image.id);
    return table
      .subarray(slotOf(image.id) * KEY_BYTES)
      .subarray(0, 16)
      .equals(contentKey(image));
  }

  /**
   * Records of images, back to back in `pixels` (n × side²×3 bytes), and their boxes; null where there is no valid
   * record. Records that lie one behind the other, as those of a whole library do, are read at once.
   */
  async read(images: readonly ManifestImage[], pixels: Uint8Array): Promise<(Box | null)[]> {
    const boxes: (Box | null)[] = images.map(() => null);
    const there = await Promise.all(images.map((image) => this.has(image)));
    const runs: { first: number; count: number }[] = [];
    images.forEach((image, i) => {
      if (!there[i]) return;
      const run = runs.at(-1);
      const follows = run && run.first + run.count === i && images[i - 1]?.id === image.id - 1 && slotOf(image.id) > 0;
      if (follows) run.count++;
      else runs.push({ first: i, count: 1 });
    });
    await Promise.all(runs.map((run) => this.#readRun(run, images, pixels, boxes)));
    return boxes;
  }

  async #readRun(
    { first, count }: { first: number; count: number },
    images: readonly ManifestImage[],
    pixels: Uint8Array,
    boxes: (Box | null)[],
  ): Promise<void> {
    const { recordBytes } = this;
    const { id } = images[first] as ManifestImage;
    const { records, table } = await this.#shard(id);
    const { bytesRead } = await records.read(
      pixels,
      first * recordBytes,
      count * recordBytes,
      slotOf(id) * recordBytes,
    );
    for (let i = 0; i < count && (i + 1) * recordBytes <= bytesRead; i++) {
      const key = table.subarray((slotOf(id) + i) * KEY_BYTES, (slotOf(id) + i + 1) * KEY_BYTES);
      const record = pixels.subarray((first + i) * recordBytes, (first + i + 1) * recordBytes);
      if (crc32(record) === key.readUInt32LE(24))
        boxes[first + i] = [key.readUInt16LE(16), key.readUInt16LE(18), key.readUInt16LE(20), key.readUInt16LE(22)];
    }
  }

  /**
   * Writes the record, then its key: a writer that dies in between leaves no record.
   * @throws AppError `disk.full`
   */
  async write(image: ManifestImage, pixels: Uint8Array, box: Box): Promise<void> {
    if (pixels.byteLength !== this.recordBytes) throw new RangeError(`a record of ${pixels.byteLength} bytes`);
    const shard = await this.#shard(image.id);
    const slot = slotOf(image.id);
    const key = Buffer.alloc(KEY_BYTES);
    contentKey(image).copy(key);
    box.forEach((edge, i) => key.writeUInt16LE(edge, 16 + 2 * i));
    key.writeUInt32LE(crc32(pixels), 24);
    try {
      await writeAt(shard.records, pixels, slot * this.recordBytes);
      await writeAt(shard.keys, key, slot * KEY_BYTES);
    } catch (error) {
      throwDiskFull(error);
    }
    key.copy(shard.table, slot * KEY_BYTES);
  }

  async close(): Promise<void> {
    const shards = await Promise.all(this.#shards.values());
    this.#shards.clear();
    await Promise.all(shards.flatMap(({ records, keys }) => [records.close(), keys.close()]));
  }

  #shard(id: number): Promise<Shard> {
    const number = Math.floor(id / RECORDS_PER_SHARD);
    let shard = this.#shards.get(number);
    if (!shard) {
      shard = this.#open(number);
      this.#shards.set(number, shard);
    }
    return shard;
  }

  async #open(number: number): Promise<Shard> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const name = String(number).padStart(5, '0');
    const records = await openToUpdate(join(this.#folder, `${name}.records`));
    const keys = await openToUpdate(join(this.#folder, `${name}.keys`));
    const table = Buffer.alloc(RECORDS_PER_SHARD * KEY_BYTES);
    await keys.read(table, 0, table.byteLength, 0);
    return { records, keys, table };
  }
}

const slotOf = (id: number): number => id % RECORDS_PER_SHARD;

function contentKey({ hash, page }: ManifestImage): Buffer {
  const whole = page === undefined ? hash : createHash('sha256').update(`${hash} page ${page}`).digest('hex');
  return Buffer.from(whole.slice(0, 32), 'hex');
}

/** Opens for reading and writing without emptying; creates where absent. */
async function openToUpdate(path: string): Promise<FileHandle> {
  await (await open(path, 'a', 0o600)).close();
  return open(path, 'r+');
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;)
    done += (await handle.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten;
}
