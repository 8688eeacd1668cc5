import { NO_CLASS, reasons, TILE_BYTES, tileFlags } from '../../contract/view.ts';

/** What a tile shows, out of its record (`src/contract/view.ts`). */
export interface Tile {
  readonly image: number;
  /** Key of the picture's address. */
  readonly key: string;
  /** Mean colour, `#rrggbb`. */
  readonly colour: string;
  readonly reason: (typeof reasons)[number];
  readonly flags: number;
  /** Class of the label that counts; null where there is none. */
  readonly class: number | null;
  readonly predicted: number | null;
  /** Of the predicted class, 0..1. */
  readonly probability: number;
}
export type TileFlag = keyof typeof tileFlags;

export const has = (tile: Pick<Tile, 'flags'>, flag: TileFlag): boolean => (tile.flags & tileFlags[flag]) !== 0;

/** What was said of an image instead of a class. */
export const markOf = (tile: Pick<Tile, 'flags'>): 'none' | 'unsure' | 'skip' | undefined =>
  (['none', 'unsure', 'skip'] as const).find((mark) => has(tile, mark));

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');

const orNull = (id: number): number | null => (id === NO_CLASS ? null : id);

/** Ids of the images of a window. */
export function* imagesOf(window: Uint8Array): Generator<number> {
  const data = new DataView(window.buffer, window.byteOffset, window.byteLength);
  for (let at = 0; at + TILE_BYTES <= window.byteLength; at += TILE_BYTES) yield data.getUint32(at, true);
}

/** Reads the record at a place of a window. */
export function readTile(window: Uint8Array, place: number): Tile {
  const at = place * TILE_BYTES;
  const data = new DataView(window.buffer, window.byteOffset + at, TILE_BYTES);
  const colour = (data.getUint8(16) << 16) | (data.getUint8(17) << 8) | data.getUint8(18);
  return {
    image: data.getUint32(0, true),
    key: base64url(window.subarray(at + 4, at + 16)),
    colour: `#${colour.toString(16).padStart(6, '0')}`,
    reason: reasons[data.getUint8(19)] ?? 'none',
    flags: data.getUint16(20, true),
    class: orNull(data.getUint16(22, true)),
    predicted: orNull(data.getUint16(24, true)),
    probability: data.getUint8(26) / 255,
  };
}
