import type { TileOptions } from '../../augment/tile-inputs.ts';
import type { Setting } from '../types.ts';
import { numberOf } from '../settings.ts';
import type { AdaptContext, Part } from '../types.ts';
import { together } from './parts.ts';

/** Channels that each tile is told in before all are looked at together. */
const PER_TILE = 128;
/** Side of a tile in pixels, at least: a backbone halves it five times. */
const SMALLEST = 32;

/** Settings of tasks about the tiles of an image, against what would give their places away. */
export const tileSettings = {
  tileShare: { value: 0.85, gloss: 'Side of a tile over that of its place; the rest is the gap.', range: [0.3, 1] },
  greyTiles: { value: 0.3, gloss: 'Share of images whose tiles are shown in grey.', range: [0, 1] },
  hidden: {
    value: 256,
    gloss: 'Width of the layer that sees all tiles.',
    range: [8, 8192],
    whole: true,
    unit: 'channels',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** So many tiles of each image, as the settings say; each is seen at half of the image's side. */
export const tilesOf = ({ settings, size, backbone }: AdaptContext, count: number): TileOptions => ({
  count,
  share: numberOf(settings, 'tileShare'),
  side: Math.max(SMALLEST, backbone.sideStep * Math.round(size / 2 / backbone.sideStep)),
  grey: numberOf(settings, 'greyTiles'),
});

/** Tells one of so many answers of the tiles of an image together. */
export const tilesHead = ({ backbone, settings }: AdaptContext, count: number, answers: number): Part =>
  together(count, backbone.features, PER_TILE, numberOf(settings, 'hidden'), answers);
