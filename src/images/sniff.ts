import { ImageFailure, type ImageType } from './types.ts';

const ascii = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, Math.min(end, bytes.length)));

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  bytes.length >= magic.length && magic.every((value, i) => bytes[i] === value);

/** Types that are known and not read, with what the user can do. */
function refuseKnown(head: Uint8Array): void {
  const brand = ascii(head, 4, 12);
  if (brand.startsWith('ftyp')) {
    throw new ImageFailure('unsupported', 'HEIC, AVIF or a video: not read; save it as JPEG, PNG or TIFF');
  }
  if (ascii(head, 128, 132) === 'DICM') {
    throw new ImageFailure('unsupported', 'DICOM: not read yet; export PNG or TIFF images');
  }
  if (ascii(head, 0, 4) === '%PDF') throw new ImageFailure('unsupported', 'a PDF: not an image; export its pictures');
  if (ascii(head, 0, 4) === '8BPS') throw new ImageFailure('unsupported', 'Photoshop: not read; export PNG or TIFF');
  if (startsWith(head, [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50]) || startsWith(head, [0xff, 0x4f, 0xff, 0x51])) {
    throw new ImageFailure('unsupported', 'JPEG 2000: not read; save it as PNG or TIFF');
  }
  if (startsWith(head, [0xff, 0x0a]) || startsWith(head, [0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58])) {
    throw new ImageFailure('unsupported', 'JPEG XL: not read; save it as JPEG, PNG or TIFF');
  }
  const text = ascii(head, 0, 1024)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (/<svg[\s>]/i.test(text)) throw new ImageFailure('not-an-image', 'a drawing (SVG), not an image of pixels');
}

/** Whole-slide scanners write TIFF; one slide is no single image with one name. */
function refuseWholeSlide(head: Uint8Array): void {
  const text = ascii(head, 0, 65536);
  if (
    /Aperio|Hamamatsu|Leica SCN|<OME|Philips DP|Ventana|<iScan/.test(text) &&
    /Aperio|SCN|NDPI|Hamamatsu|Philips|Ventana|iScan/i.test(text)
  ) {
    throw new ImageFailure('unsupported', 'a whole slide: not read yet; export tiles');
  }
}

/**
 * Type of a file by its first bytes, never by its name.
 * @param head the first 64 KiB of the file, or all of it
 * @throws ImageFailure `empty`, `unsupported` or `not-an-image`
 */
export function sniff(head: Uint8Array): ImageType {
  if (head.length === 0) throw new ImageFailure('empty', 'the file is empty');
  if (startsWith(head, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return 'webp';
  if (ascii(head, 0, 6) === 'GIF87a' || ascii(head, 0, 6) === 'GIF89a') return 'gif';
  const tiff = [
    [0x49, 0x49, 0x2a, 0x00],
    [0x4d, 0x4d, 0x00, 0x2a],
    [0x49, 0x49, 0x2b, 0x00],
    [0x4d, 0x4d, 0x00, 0x2b],
  ];
  if (tiff.some((magic) => startsWith(head, magic))) {
    refuseWholeSlide(head);
    return 'tiff';
  }
  if (ascii(head, 0, 2) === 'BM' && head.length >= 18 && [12, 40, 52, 56, 64, 108, 124].includes(head[14] ?? 0)) {
    return 'bmp';
  }
  refuseKnown(head);
  throw new ImageFailure('not-an-image', 'the content is no image, whatever the name says');
}
