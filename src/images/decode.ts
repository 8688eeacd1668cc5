import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { decodeBmp, tooLarge } from './bmp.ts';
import { limits } from './limits.ts';
import { spreadRange } from './range.ts';
import { ImageFailure, type ImageType } from './types.ts';

// Only these loaders exist from here on: everything else libvips could open (SVG, PDF, HEIF, ImageMagick, …) is blocked.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadTiff',
    'VipsForeignLoadNsgif',
  ],
});
sharp.concurrency(1);
sharp.cache(false);

/** The bytes of a file, or its path where it is too big to hold. */
export interface OpenFile {
  readonly type: ImageType;
  readonly bytes: Buffer<ArrayBuffer> | null;
  readonly path: string;
}

export interface Header {
  /** After the camera's orientation. */
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly pages: number;
}

/** An RGB picture: width×height×3 bytes sRGB, row-major. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly range: readonly [number, number] | null;
}

/** Size to bring a picture to. `reduce` never enlarges. */
export interface Fit {
  readonly width: number;
  readonly height: number;
  readonly mode: 'reduce' | 'fit' | 'centre';
}

const depthBits: Record<string, number> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
  double: 64,
};

/** Reads the header and refuses what is beyond the limits, before a pixel is decoded. */
export async function readHeader(file: OpenFile, page = 0): Promise<Header> {
  if (file.type === 'bmp') {
    const { width, height, bits } = decodeBmp(await allBytes(file));
    return { width, height, bits, pages: 1 };
  }
  const metadata = await guarded(() => open(file, page).metadata());
  const { width, height } = metadata.autoOrient;
  const bits = metadata.bitsPerSample ?? depthBits[metadata.depth ?? 'uchar'] ?? 8;
  const storedBits = Math.max(bits, depthBits[metadata.depth ?? 'uchar'] ?? 8);
  const decodedBytes = width * height * (metadata.channels ?? 3) * (storedBits / 8);
  if (width * height > limits.pixels || decodedBytes > limits.decodedBytes) throw tooLarge(width, height);
  return { width, height, bits: storedBits, pages: metadata.pages ?? 1 };
}

/**
 * The one way from a file to pixels, for import, cache, thumbnails and prediction. Orientation applied, colour
 * profile (also CMYK) to sRGB, grey repeated to three channels, transparency laid on white, more than 8 bits
 * spread over their own range, first frame of an animation.
 * @throws ImageFailure
 */
export async function decode(file: OpenFile, header: Header, fit: Fit, page = 0): Promise<Picture> {
  if (file.type === 'bmp') {
    const bitmap = decodeBmp(await allBytes(file));
    const raw = { width: bitmap.width, height: bitmap.height, channels: 3 as const };
    return toPicture(resized(sharp(bitmap.pixels, { raw }), header, fit));
  }
  const image = resized(open(file, page).autoOrient(), header, fit);
  if (header.bits > 8) return toDeepPicture(image.flatten({ background: '#ffffff' }), header.bits === 16);
  return toPicture(image.flatten({ background: '#ffffff' }).toColourspace('srgb'));
}

function open(file: OpenFile, page: number): Sharp {
  return sharp(file.bytes ?? file.path, {
    failOn: 'truncated',
    limitInputPixels: limits.pixels,
    sequentialRead: true,
    page,
    pages: 1,
  });
}

function resized(image: Sharp, header: Header, fit: Fit): Sharp {
  const { width, height, mode } = fit;
  if (mode === 'reduce' && header.width <= width && header.height <= height) return image;
  if (mode === 'fit' && Math.max(header.width, header.height) === width && width === height) return image;
  return image.resize(width, height, {
    fit: mode === 'centre' ? 'cover' : 'inside',
    position: 'centre',
    kernel: 'lanczos3',
    withoutEnlargement: mode === 'reduce',
  });
}

async function toPicture(image: Sharp): Promise<Picture> {
  const { data, info } = await guarded(() => image.raw().toBuffer({ resolveWithObject: true }));
  const { width, height, channels } = info;
  const pixels = channels === 3 ? data : repeatGrey(data, width * height, channels);
  return { width, height, pixels, range: null };
}

/** Grey, with whatever else the decoder kept, to three equal channels. */
function repeatGrey(data: Uint8Array, count: number, channels: number): Uint8Array {
  const pixels = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) pixels.fill(data[i * channels] as number, i * 3, i * 3 + 3);
  return pixels;
}

/** 16 bits keep their values in the decoder's 16-bit space; other depths (32-bit floating point) as they are. */
async function toDeepPicture(image: Sharp, is16Bit: boolean): Promise<Picture> {
  const deep = is16Bit ? image.toColourspace('rgb16').raw({ depth: 'ushort' }) : image.raw({ depth: 'float' });
  const { data, info } = await guarded(() => deep.toBuffer({ resolveWithObject: true }));
  const values = is16Bit
    ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
    : new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  const { pixels, range } = spreadRange(values, info.width * info.height, info.channels);
  return { width: info.width, height: info.height, pixels, range };
}

async function allBytes(file: OpenFile): Promise<Buffer> {
  if (file.bytes) return file.bytes;
  return readFile(file.path);
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(error);
  }
}

function toFailure(error: unknown): ImageFailure {
  if (error instanceof ImageFailure) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/pixel limit|too large|exceeds|dimension/i.test(text)) {
    return new ImageFailure('too-large', 'it has more pixels than can be read; cut it into tiles');
  }
  // "unsupported image format" of a file whose first bytes are right: its directory or header can't be read.
  if (
    /unsupported|not known|no known/i.test(text) &&
    !/unsupported image format|corrupt|premature|truncat/i.test(text)
  ) {
    return new ImageFailure('unsupported', 'a kind of this file type that is not read; save it as PNG');
  }
  return new ImageFailure('truncated', 'the file is damaged or cut off');
}
