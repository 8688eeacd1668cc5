import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { decode, readHeader, type OpenFile, type Picture } from './decode.ts';
import { limits } from './limits.ts';
import { meanColour, thumbprint } from './signature.ts';
import { sniff } from './sniff.ts';
import { ImageFailure, type ImageFacts, type ImageRecord, type ImageSource, type RecordOptions } from './types.ts';

/** Side of the picture that signature and mean colour are taken from; larger ones are reduced to it. */
const inspectSide = 256;
const headBytes = 65536;

/**
 * Everything import wants to know of a file, from one reading of it.
 * @throws ImageFailure
 */
export async function inspect(source: ImageSource): Promise<ImageFacts> {
  const hash = createHash('sha256');
  return withFile(source.path, hash, async (file, bytes) => {
    const page = source.page ?? 0;
    const header = await readHeader(file, page);
    const fit = { width: inspectSide, height: inspectSide, mode: 'reduce' } as const;
    const picture = await decode(file, header, fit, page);
    return {
      width: header.width,
      height: header.height,
      type: file.type,
      bits: header.bits,
      pages: header.pages,
      bytes,
      hash: hash.digest('hex'),
      thumbprint: thumbprint(picture),
      meanColour: meanColour(picture),
      range: picture.range,
    };
  });
}

/**
 * The image at a fixed size: fitted whole with Lanczos and its edges repeated outwards, or its central square.
 * @throws ImageFailure
 */
export async function record(source: ImageSource, options: RecordOptions): Promise<ImageRecord> {
  return withFile(source.path, null, async (file) => {
    const page = source.page ?? 0;
    const { side, crop = 'fit' } = options;
    const header = await readHeader(file, page);
    return padded(await decode(file, header, { width: side, height: side, mode: crop }, page), side);
  });
}

/** Puts a picture in the middle of a square and repeats its edges. */
export function padded(picture: Picture, side: number): ImageRecord {
  const { width, height, pixels: from } = picture;
  const [top, left] = [Math.floor((side - height) / 2), Math.floor((side - width) / 2)];
  const box = [top, left, top + height, left + width] as const;
  if (width === side && height === side) return { pixels: from, box };
  const pixels = new Uint8Array(side * side * 3);
  const row = side * 3;
  for (let y = 0; y < height; y++) {
    const start = (top + y) * row;
    const line = from.subarray(y * width * 3, (y + 1) * width * 3);
    pixels.set(line, start + left * 3);
    for (let x = 0; x < left; x++) pixels.set(line.subarray(0, 3), start + x * 3);
    for (let x = left + width; x < side; x++) pixels.set(line.subarray(-3), start + x * 3);
  }
  for (let y = 0; y < top; y++) pixels.copyWithin(y * row, top * row, (top + 1) * row);
  const last = top + height - 1;
  for (let y = last + 1; y < side; y++) pixels.copyWithin(y * row, last * row, (last + 1) * row);
  return { pixels, box };
}

/**
 * Works on a file, and gives its bytes back as soon as that is done: Node does not count them when it decides to clear
 * up, and would keep hundreds of files.
 * @throws ImageFailure
 */
export async function withFile<T>(
  path: string,
  hash: Hash | null,
  work: (file: OpenFile, bytes: number) => Promise<T>,
): Promise<T> {
  const { file, bytes } = await openFile(path, hash);
  try {
    return await work(file, bytes);
  } finally {
    // A buffer of its own, not a piece of the one that Node cuts small ones from.
    if (file.bytes?.byteLength === file.bytes?.buffer.byteLength) file.bytes?.buffer.transfer(0);
  }
}

/** Reads (and, with `hash`, hashes) a file; a big one is left on disk for the decoder to stream. */
async function openFile(path: string, hash: Hash | null): Promise<{ file: OpenFile; bytes: number }> {
  const handle = await openHandle(path);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new ImageFailure('not-an-image', 'it is no file');
    if (stat.size > limits.memoryBytes) return { file: await openBig(handle, path, stat.size, hash), bytes: stat.size };
    const bytes = await handle.readFile();
    hash?.update(bytes);
    const type = sniff(bytes.subarray(0, headBytes));
    return { file: { type, bytes, path }, bytes: bytes.length };
  } finally {
    await handle.close();
  }
}

async function openBig(handle: FileHandle, path: string, size: number, hash: Hash | null): Promise<OpenFile> {
  const head = Buffer.alloc(headBytes);
  await handle.read(head, 0, headBytes, 0);
  const type = sniff(head);
  if (size > limits.fileBytes) {
    throw new ImageFailure(
      'too-large',
      `a file of ${Math.round(size / 1e6)} MB is more than can be read; cut it into tiles`,
    );
  }
  if (hash) {
    for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  }
  return { type, bytes: null, path };
}

async function openHandle(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new ImageFailure('missing', 'the file is not there');
    if (code === 'EACCES' || code === 'EPERM') throw new ImageFailure('no-permission', 'the file may not be read');
    throw new ImageFailure('truncated', 'the disk could not deliver the file');
  }
}
