/** Sides of a tile that one can choose, in pixels. */
export const tileSizes = [48, 64, 80, 96, 128, 176, 240, 320] as const;
export type TileSize = (typeof tileSizes)[number];
export const usualTileSize: TileSize = 128;

/** The size so many steps larger, or smaller; the last one where there is no more. */
export function resized(size: number, steps: number): TileSize {
  const at = tileSizes.findIndex((each) => each === size) + steps;
  return tileSizes[Math.max(0, Math.min(tileSizes.length - 1, at))]!;
}
