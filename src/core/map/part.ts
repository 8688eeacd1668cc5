import { within } from '../../contract/outline.ts';
import type { MapPart } from '../../contract/view.ts';
import type { Points } from './map-file.ts';

/** Images of part of a map; of less than all the most central first. */
export function imagesOfPart({ ids, places, clusters }: Points, part: MapPart): Int32Array {
  if (part === 'all') return ids;
  const isIn = 'cluster' in part ? (at: number) => clusters[at] === part.cluster : within(places, part.outline);
  const found: number[] = [];
  let [x, y] = [0, 0];
  for (let at = 0; at < ids.length; at++) {
    if (!isIn(at)) continue;
    found.push(at);
    x += places[2 * at]!;
    y += places[2 * at + 1]!;
  }
  [x, y] = [x / found.length, y / found.length];
  // A typed sort of whole numbers: the upper bits tell how far, the lower ones which.
  const keys = Float64Array.from(found, (at, i) => {
    const far = Math.min(8, (places[2 * at]! - x) ** 2 + (places[2 * at + 1]! - y) ** 2);
    return Math.floor((far / 8) * 2 ** 22) * 2 ** 30 + i;
  });
  return Int32Array.from(keys.sort(), (key) => ids[found[key % 2 ** 30]!]!);
}
