import type * as TF from '@tensorflow/tfjs';
import type { Generator } from '../data/random.ts';
import { stripPrefix, withPrefix } from '../nn/tree.ts';
import type { HostTree, Tree, TreeSpec } from '../nn/types.ts';
import { drawViewRandom, viewRandomSpec } from './random.ts';
import type { ViewPreset } from './types.ts';
import { randomViews } from './views.ts';
import { wholeImage } from './whole.ts';

/** Pictures of one side, so many of each image: random views, or the whole image (which is drawn without chance). */
export interface ViewSet {
  readonly preset: ViewPreset | 'whole';
  readonly count: number;
  readonly size: number;
}
export type ViewSets = Readonly<Record<string, ViewSet>>;

/** Least side of a small crop. */
const smallest = 16;

/**
 * Two views of the whole range and `count` small crops beside them (multi-crop, Caron et al. 2020, section 3.2): the
 * crops of the preset's area below its lower end, of a smaller side, so that a step costs little more.
 * @param share side of a small crop over the side the network sees; the crop's side is a multiple of 16 pixels
 */
export function multiCrop(preset: ViewPreset, size: number, count: number, share: number): ViewSets {
  const side = Math.min(size, Math.max(smallest, Math.round((size * share) / smallest) * smallest));
  const [least] = preset.area;
  const small: ViewPreset = { ...preset, area: [least / 8, least] };
  return { views: { preset, count: 2, size }, ...(count > 0 && { small: { preset: small, count, size: side } }) };
}

const prefixOf = (set: string): string => `${set}:`;

/** Inputs of `viewsOf`: each set has random numbers of its own. */
export function viewSetsSpec(sets: ViewSets, batch: number): TreeSpec {
  const specs = Object.entries(sets).map(([name, { preset, count }]) =>
    preset === 'whole' ? {} : withPrefix(viewRandomSpec(preset, count * batch), prefixOf(name)),
  );
  return Object.assign({}, ...specs) as TreeSpec;
}

/** Values for `viewSetsSpec`, set by set. */
export function drawViewSets(sets: ViewSets, batch: number, generator: Generator): HostTree {
  const drawn = Object.entries(sets).map(([name, { preset, count }]) =>
    preset === 'whole' ? {} : withPrefix(drawViewRandom(preset, count * batch, generator), prefixOf(name)),
  );
  return Object.assign({}, ...drawn) as HostTree;
}

/**
 * The pictures of every set.
 * @param batch tree with `images` [batch, side, side, 3] in 0..1 and `boxes` [batch, 4] in 0..1
 * @returns by set, [count · batch, 3, size, size] planar in 0..1, view-major
 */
export function viewsOf(batch: Tree, random: Tree, sets: ViewSets): Record<string, TF.Tensor4D> {
  const images = batch['images'] as TF.Tensor4D;
  const boxes = batch['boxes'] as TF.Tensor2D;
  return Object.fromEntries(
    Object.entries(sets).map(([name, { preset, count, size }]) => [
      name,
      preset === 'whole'
        ? wholeImage(images, size)
        : randomViews(images, boxes, stripPrefix(random, prefixOf(name)), preset, size, count),
    ]),
  );
}
