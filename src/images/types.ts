/** One image to read: a file, and a page of it where the file holds several. */
export interface ImageSource {
  readonly path: string;
  readonly page?: number | undefined;
}

/** What import wants to know of a file. */
export interface ImageFacts {
  /** Size in pixels after the camera's orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly type: ImageType;
  /** Bits per channel as stored. */
  readonly bits: number;
  readonly pages: number;
  readonly bytes: number;
  /** sha256 of the file's bytes, hex. */
  readonly hash: string;
  /** The picture as 16×16 grey, row-major: what near duplicates are found by. */
  readonly thumbprint: Uint8Array;
  /** Mean sRGB, 0..255. */
  readonly meanColour: readonly [number, number, number];
  /** Stored values shown as black and white, for images of more than 8 bits. */
  readonly range: readonly [number, number] | null;
}

/** A picture at a fixed size. */
export interface ImageRecord {
  /** side²×3 bytes, row-major sRGB. */
  readonly pixels: Uint8Array;
  /** Where the image is within the record, in pixels: y0, x0, y1, x1 (ends excluded). The rest repeats its edges. */
  readonly box: readonly [number, number, number, number];
}

export interface RecordOptions {
  /** Side of the square record in pixels. */
  readonly side: number;
  /** `fit` (default): the whole image. `centre`: the largest square in its middle. */
  readonly crop?: 'fit' | 'centre';
}

export interface EncodeOptions {
  /** Longest side of the copy at most. */
  readonly side: number;
  /** `thumb`: a small JPEG for a tile. `view`: without visible loss, to judge the image by. */
  readonly use: 'thumb' | 'view';
}
/** A copy of an image as a page shows it. */
export interface EncodedImage {
  readonly type: 'image/jpeg' | 'image/png';
  readonly encoded: Uint8Array;
  /** sha256 of the source's bytes it was made from, hex. */
  readonly hash: string;
}

export const imageTypes = ['jpeg', 'png', 'webp', 'tiff', 'gif', 'bmp'] as const;
export type ImageType = (typeof imageTypes)[number];

/** Why a file is not used. Stable: tests, the summary and the database hold these words. */
export const failureCodes = [
  'missing',
  'no-permission',
  'empty',
  'truncated',
  'not-an-image',
  'unsupported',
  'too-large',
  'timed-out',
  'decoder-died',
  'outside-folder',
] as const;
export type FailureCode = (typeof failureCodes)[number];

/** What became of the source at `index` of the list. Outcomes come as they are ready, not in order. */
export type ImageOutcome<T> =
  | { readonly index: number; readonly ok: true; readonly value: T }
  | { readonly index: number; readonly ok: false; readonly code: FailureCode; readonly reason: string };

/** Raised inside the decoder; becomes an outcome at its edge. */
export class ImageFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, reason: string) {
    super(reason);
    this.name = 'ImageFailure';
    this.code = code;
  }
}
