import { centresOf, nearestCentre } from './centres.ts';

export interface Cluster {
  readonly images: number;
  readonly x: number;
  readonly y: number;
  /** Rows nearest to its middle. */
  readonly examples: readonly number[];
}

const mostClusters = 20;
/** A map of 72 images has three, one of 3200 twenty. */
const perCluster = 8;
const mostExamples = 4;

/**
 * Parts of a map for who cannot point at it: where points lie together, the largest first.
 * @param places [n, 2], in a scattered order
 * @param learned rows from the first that the middles are found from
 */
export function clustersOf(places: Float32Array, learned: number): { clusters: Cluster[]; of: Uint8Array } {
  const width = 4;
  const count = places.length / 2;
  const rows = new Float32Array(Math.min(learned, count) * width);
  for (let row = 0; row * width < rows.length; row++) rows.set(places.subarray(2 * row, 2 * row + 2), row * width);
  const wanted = Math.min(mostClusters, Math.max(1, Math.round(Math.sqrt(count / perCluster))));
  const { centres } = centresOf(rows, width, wanted);
  const point = new Float32Array(width);
  const found = Int32Array.from({ length: count }, (_, row) => {
    point.set(places.subarray(2 * row, 2 * row + 2));
    return nearestCentre(centres, width, point, 0);
  });
  const sizes = new Int32Array(centres.length / width);
  for (const c of found) sizes[c]! += 1;
  const order = Array.from(sizes.keys())
    .filter((c) => sizes[c]! > 0)
    .sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const rank = new Map(order.map((c, at) => [c, at]));
  const of = Uint8Array.from(found, (c) => rank.get(c)!);
  const examples = order.map((): { row: number; apart: number }[] => []);
  of.forEach((at, row) => {
    const c = order[at]!;
    const apart = (places[2 * row]! - centres[c * width]!) ** 2 + (places[2 * row + 1]! - centres[c * width + 1]!) ** 2;
    const list = examples[at]!;
    if (list.length === mostExamples && list[mostExamples - 1]!.apart <= apart) return;
    list.push({ row, apart });
    list.sort((a, b) => a.apart - b.apart || a.row - b.row).splice(mostExamples);
  });
  const clusters = order.map((c, at) => ({
    images: sizes[c]!,
    x: centres[c * width]!,
    y: centres[c * width + 1]!,
    examples: examples[at]!.map(({ row }) => row),
  }));
  return { clusters, of };
}
