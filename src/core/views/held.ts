import { randomInt } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import type { Project } from '../db/open.ts';

/** A list of images as core holds it for one page: 4 bytes an image, shared with the query thread. */
export interface View {
  readonly id: number;
  readonly rater: string;
  readonly ids: Int32Array<SharedArrayBuffer>;
  /** Reason of each image by its id; null where the source gives none. */
  readonly reasons: ReadonlyMap<number, number> | null;
  /** Starts of the groups, and their names; empty without grouping. */
  readonly starts: Int32Array;
  readonly names: readonly string[];
  readonly ticks: 'names' | 'dates' | 'places';
  /** Batch whose predictions are shown; null is the applied one. */
  readonly batch: number | null;
  /** A queue asks what the rater thinks: the model's guess is no part of check images there. */
  readonly isQueue: boolean;
  /** Made in a blind session, or not: a view does not outlive the change. */
  readonly blind: boolean;
}

/** A page holds a few; more than these are left over from pages that went away. */
const mostPerRater = 50;
const mostImagesPerRater = 12_000_000;
/** Kept however large they are. */
const leastPerRater = 4;
const held = new WeakMap<Project, Map<number, View>>();
/**
 * Begins anywhere: a page that outlives this process must not find its old number on another list, or its next label
 * would go to other images.
 */
let next = randomInt(2 ** 40);

export function holdView(project: Project, view: Omit<View, 'id'>): View {
  let views = held.get(project);
  if (!views) {
    held.set(project, (views = new Map()));
    project.onClose(() => held.delete(project));
  }
  const kept = { ...view, id: next++ };
  views.set(kept.id, kept);
  dropOldest(views, view.rater);
  return kept;
}

function dropOldest(views: Map<number, View>, rater: string): void {
  const newestFirst = [...views.values()].filter((view) => view.rater === rater).reverse();
  let images = 0;
  newestFirst.forEach(({ id, ids }, place) => {
    images += ids.length;
    if (place >= mostPerRater || (place >= leastPerRater && images > mostImagesPerRater)) views.delete(id);
  });
}

/**
 * A view that was opened by this rater.
 * @throws AppError `view.unknown`
 */
export function heldView(project: Project, rater: string, id: number): View {
  const views = held.get(project);
  const view = views?.get(id);
  if (!views || view?.rater !== rater) throw new AppError('view.unknown');
  // The last one used is the last one dropped.
  views.delete(id);
  views.set(id, view);
  return view;
}

export const dropView = (project: Project, id: number): void => void held.get(project)?.delete(id);

/**
 * Images at places of a view, in its order.
 * @param ranges half open
 * @throws AppError `view.unknown`
 */
export function imagesAt(
  project: Project,
  rater: string,
  view: number,
  ranges: readonly (readonly [number, number])[],
): number[] {
  const { ids } = heldView(project, rater, view);
  return ranges.flatMap(([from, to]) => [...ids.subarray(from, Math.max(from, to))]);
}
