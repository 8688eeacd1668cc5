import { ImageFailure } from './types.ts';
import { limits } from './limits.ts';

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** width×height×3 bytes RGB, top row first. */
  readonly pixels: Uint8Array;
}

/**
 * Windows bitmap, uncompressed with 8 (palette), 24 or 32 bits. BITMAPINFOHEADER and later; masks other than
 * the usual BGRX order, run lengths and other depths are `unsupported`.
 */
export function decodeBmp(bytes: Uint8Array): Bitmap {
  const { width, height, bits, bottomUp, offset, palette } = readHeader(bytes);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (bytes.length < offset + stride * height) {
    throw new ImageFailure('truncated', 'the file is damaged or cut off');
  }
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    let from = offset + stride * (bottomUp ? height - 1 - y : y);
    let to = y * width * 3;
    for (let x = 0; x < width; x++, to += 3) {
      if (bits === 8) {
        const entry = palette + (bytes[from] as number) * 4;
        copyBgr(bytes, entry, pixels, to);
      } else {
        copyBgr(bytes, from, pixels, to);
      }
      from += bits / 8;
    }
  }
  return { width, height, bits: 8, pixels };
}

function copyBgr(from: Uint8Array, at: number, to: Uint8Array, start: number): void {
  to[start] = from[at + 2] ?? 0;
  to[start + 1] = from[at + 1] ?? 0;
  to[start + 2] = from[at] ?? 0;
}

function readHeader(bytes: Uint8Array) {
  if (bytes.length < 54) throw new ImageFailure('truncated', 'the file is damaged or cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(14, true);
  if (headerBytes < 40) throw new ImageFailure('unsupported', 'an OS/2 bitmap: not read; save it as PNG');
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (width <= 0 || height === 0) throw new ImageFailure('truncated', 'the file is damaged or cut off');
  if (width * height > limits.pixels) throw tooLarge(width, height);
  const usualMasks =
    compression === 3 &&
    bits === 32 &&
    bytes.length >= 66 &&
    view.getUint32(54, true) === 0xff0000 &&
    view.getUint32(58, true) === 0xff00 &&
    view.getUint32(62, true) === 0xff;
  if (!(compression === 0 || usualMasks) || ![8, 24, 32].includes(bits)) {
    throw new ImageFailure('unsupported', 'a compressed or unusual bitmap: not read; save it as PNG');
  }
  return {
    width,
    height,
    bits,
    bottomUp: signedHeight > 0,
    offset: view.getUint32(10, true),
    palette: 14 + headerBytes,
  };
}

export function tooLarge(width: number, height: number): ImageFailure {
  return new ImageFailure(
    'too-large',
    `${width.toLocaleString('en')} × ${height.toLocaleString('en')} pixels are more than can be read; cut it into tiles`,
  );
}
