import { UMAP } from 'umap-js';
import { nearestOfEach } from './near.ts';
import { seeded } from './random.ts';

const neighbours = 15;
/** Extent of the places the layout begins from, as UMAP's own begins. */
const extent = 10;

/**
 * Places in the plane by UMAP (McInnes, Healy & Melville 2018, arXiv:1802.03426) with its usual settings: 15 neighbours,
 * least distance 0.1. Neighbours are exact, and it begins from the first two axes instead of anywhere: what lies far
 * apart in the features then tends to do so on the map, and the same rows give the same map.
 * @param rows [n, width], the first two columns those of most variance; `width` a multiple of four
 * @param tell called with 0..1
 * @returns [n, 2]
 */
export function fitPlaces(rows: Float32Array, width: number, tell: (share: number) => void): Float32Array {
  const count = rows.length / width;
  const begun = beginning(rows, width);
  const k = Math.min(neighbours, count - 1);
  if (k < 2) return begun;
  const near = nearestOfEach(rows, width, k, (share) => tell(share * 0.3));
  const umap = new UMAP({ nNeighbors: k, random: seeded(1) });
  const each = <T>(make: (row: number) => T): T[] => Array.from({ length: count }, (_, row) => make(row));
  umap.setPrecomputedKNN(
    each((row) => Array.from(near.places.subarray(row * k, (row + 1) * k))),
    each((row) => Array.from(near.distances.subarray(row * k, (row + 1) * k), Math.sqrt)),
  );
  const epochs = umap.initializeFit(each((row) => Array.from(rows.subarray(row * width, (row + 1) * width))));
  const places = umap.getEmbedding();
  places.forEach((place, row) => {
    place[0] = begun[2 * row]!;
    place[1] = begun[2 * row + 1]!;
  });
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    tell(0.35 + (0.65 * (epoch + 1)) / epochs);
  }
  return Float32Array.from(umap.getEmbedding().flat());
}

/** The first two axes, scaled, with a little noise so that equal rows can part. */
function beginning(rows: Float32Array, width: number): Float32Array {
  const random = seeded(2);
  const places = new Float32Array((2 * rows.length) / width);
  let most = 1e-12;
  for (let at = 0; at < places.length; at++) {
    places[at] = rows[(at >> 1) * width + (at & 1)]!;
    most = Math.max(most, Math.abs(places[at]!));
  }
  return places.map((value) => (value / most) * extent + (random() - 0.5) * 1e-3);
}
