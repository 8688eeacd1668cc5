import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflate, deflateSync } from 'node:zlib';
import type { TestContext } from 'node:test';

/** A folder that goes with the test. */
export function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

const pngMagic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function pngHeader(width: number, height: number, bits: number, colour: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bits;
  header[9] = colour;
  return Buffer.concat([pngMagic, chunk('IHDR', header)]);
}

/** RGB PNG of a function of place, without any library. */
export function png(width: number, height: number, at: (x: number, y: number) => [number, number, number]): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(at(x, y), y * (1 + width * 3) + 1 + x * 3);
  }
  return Buffer.concat([
    pngHeader(width, height, 8, 2),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A valid grey PNG of any size, packed row by row. */
export async function writeHugePng(file: string, side: number): Promise<void> {
  const row = Buffer.alloc(1 + side);
  const rows = Readable.from(
    (function* () {
      for (let y = 0; y < side; y++) yield row;
    })(),
  );
  const packed: Buffer[] = [];
  await pipeline(rows, createDeflate({ level: 1 }), async (source: AsyncIterable<Buffer>) => {
    for await (const piece of source) packed.push(piece);
  });
  await pipeline(
    Readable.from([pngHeader(side, side, 8, 0), chunk('IDAT', Buffer.concat(packed)), chunk('IEND', Buffer.alloc(0))]),
    createWriteStream(file),
  );
}

export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly bits: 8 | 16 | 32;
  /** 1 unsigned, 3 floating point. */
  readonly format?: 1 | 3;
  /** Grey values, row-major. */
  readonly values: readonly number[];
}

/** Uncompressed grey TIFF, little-endian. */
export function tiff(pages: readonly TiffPage[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0x49, 0x49, 0x2a, 0, 0, 0, 0, 0])];
  let at = 8;
  let pointer = { buffer: parts[0] as Buffer, offset: 4 };
  for (const { width, height, bits, format = 1, values } of pages) {
    const data = Buffer.alloc((width * height * bits) / 8);
    values.forEach((value, i) => {
      if (format === 3) data.writeFloatLE(value, i * 4);
      else if (bits === 16) data.writeUInt16LE(value, i * 2);
      else data.writeUInt8(value, i);
    });
    const entries: [number, number, number][] = [
      [256, 4, width],
      [257, 4, height],
      [258, 3, bits],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, at],
      [277, 3, 1],
      [278, 4, height],
      [279, 4, data.length],
      [339, 3, format],
    ];
    const directory = Buffer.alloc(2 + entries.length * 12 + 4);
    directory.writeUInt16LE(entries.length, 0);
    entries.forEach(([tag, type, value], i) => {
      directory.writeUInt16LE(tag, 2 + i * 12);
      directory.writeUInt16LE(type, 4 + i * 12);
      directory.writeUInt32LE(1, 6 + i * 12);
      directory.writeUInt32LE(value, 10 + i * 12);
    });
    pointer.buffer.writeUInt32LE(at + data.length, pointer.offset);
    pointer = { buffer: directory, offset: directory.length - 4 };
    parts.push(data, directory);
    at += data.length + directory.length;
  }
  return Buffer.concat(parts);
}

/** Windows bitmap of a function of place. 8 bits: grey palette. Negative height: top row first. */
export function bmp(
  width: number,
  height: number,
  bits: 8 | 24 | 32,
  at: (x: number, y: number) => [number, number, number],
  options: { topDown?: boolean; compression?: number } = {},
): Buffer {
  const palette = bits === 8 ? 1024 : 0;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const bytes = Buffer.alloc(54 + palette + stride * height);
  bytes.write('BM', 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54 + palette, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(options.topDown ? -height : height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(bits, 28);
  bytes.writeUInt32LE(options.compression ?? 0, 30);
  for (let i = 0; i < palette / 4; i++) bytes.set([i, i, i, 0], 54 + i * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = at(x, y);
      const row = options.topDown ? y : height - 1 - y;
      const to = 54 + palette + row * stride + (x * bits) / 8;
      bytes.set(bits === 8 ? [r] : [b, g, r], to);
    }
  }
  return bytes;
}

export const svg =
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';

export function save(folder: string, name: string, bytes: Uint8Array | string): string {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}
