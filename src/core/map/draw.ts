import { featureWidth } from '../features/store.ts';
import { turnTowards } from './align.ts';
import { clustersOf } from './clusters.ts';
import { eachFeatureRow } from './feature-rows.ts';
import { fitPlaces } from './fit.ts';
import type { AboutMap, Points } from './map-file.ts';
import { alongAxes, principalAxes } from './pca.ts';
import { Placer } from './place.ts';
import { scattered } from './random.ts';

/** UMAP takes a minute for this many; more of them show nothing else. */
export const mostFitted = 20_000;
const dimensions = 50;

export interface DrawInput {
  /** Files with features; of two rows for one image the later counts. */
  readonly features: readonly string[];
  /** Images that are wanted. Those without features have no place. */
  readonly images: Int32Array;
  /** Where images are on the map that this one is to be compared with. */
  readonly before: Points | null;
  readonly mostFitted: number;
}
export type Tell = (stage: 'fit' | 'place', share: number) => void;

/** From features to a map: 50 principal axes, UMAP of a sample, the others among their nearest fitted neighbours. */
export function drawMap(input: DrawInput, tell: Tell): { about: Omit<AboutMap, 'madeAt'>; points: Points } {
  const wanted = new Set(input.images);
  const known = new Set<number>();
  eachFeatureRow(input.features, (image) => wanted.has(image) && known.add(image));
  const ids = scattered(Int32Array.from(known));
  const placeOf = new Map(Array.from(ids, (id, at) => [id, at]));

  const fitted = Math.min(input.mostFitted, ids.length);
  const sample = new Float32Array(fitted * featureWidth);
  eachFeatureRow(input.features, (image, row) => {
    const at = placeOf.get(image);
    if (at !== undefined && at < fitted) sample.set(row, at * featureWidth);
  });
  const axes = principalAxes(sample, featureWidth, Math.min(dimensions, Math.max(2, fitted - 1)));
  const along = alongAxes(axes, sample);
  tell('fit', 0.05);
  const fittedPlaces = fitPlaces(along, axes.kept, (share) => tell('fit', 0.05 + 0.95 * share));

  const places = new Float32Array(2 * ids.length);
  places.set(fittedPlaces);
  if (fitted < ids.length) {
    const placer = new Placer(along, axes.kept, fittedPlaces);
    let done = 0;
    eachFeatureRow(input.features, (image, row) => {
      const at = placeOf.get(image);
      if (at === undefined || at < fitted) return;
      places.set(placer.place(alongAxes(axes, row)), 2 * at);
      done += 1;
      if (done % 5000 === 0) tell('place', Math.min(1, done / (ids.length - fitted)));
    });
  }
  if (input.before) turnTowards(places, whereIn(input.before, ids));
  intoSquare(places);
  const { clusters, of } = clustersOf(places, fitted);
  return {
    about: {
      version: 1,
      images: ids.length,
      fitted,
      clusters: clusters.map(({ examples, ...cluster }) => ({ ...cluster, examples: examples.map((at) => ids[at]!) })),
    },
    points: { ids, places, clusters: of },
  };
}

function whereIn(before: Points, ids: Int32Array): (row: number) => readonly [number, number] | undefined {
  const placeOf = new Map(Array.from(before.ids, (id, at) => [id, at]));
  return (row) => {
    const at = placeOf.get(ids[row]!);
    return at === undefined ? undefined : [before.places[2 * at]!, before.places[2 * at + 1]!];
  };
}

/** Around 0, the farthest within −1..1; both axes by the same factor. */
function intoSquare(places: Float32Array): void {
  const range = [Infinity, -Infinity, Infinity, -Infinity] as [number, number, number, number];
  for (let at = 0; at < places.length; at += 2) {
    range[0] = Math.min(range[0], places[at]!);
    range[1] = Math.max(range[1], places[at]!);
    range[2] = Math.min(range[2], places[at + 1]!);
    range[3] = Math.max(range[3], places[at + 1]!);
  }
  const half = Math.max(1e-12, (range[1] - range[0]) / 2, (range[3] - range[2]) / 2);
  const middle = [(range[0] + range[1]) / 2, (range[2] + range[3]) / 2] as const;
  for (let at = 0; at < places.length; at++) {
    const scaled = (places[at]! - middle[at & 1]!) / half;
    places[at] = Math.max(-1, Math.min(1, scaled));
  }
}
