/** A turn, a mirroring and one scale in the plane, after a shift: [a −b; b a], the second column's sign by `mirror`. */
interface Similar {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly a: number;
  readonly b: number;
  readonly mirror: 1 | -1;
}

/**
 * Turns, mirrors, scales and shifts places so that those known from before come nearest to where they were (orthogonal
 * Procrustes in the plane, Gower 1975). What a map says is unchanged by it: only who compares two finds things again.
 * @param places [n, 2]; changed in place
 * @param before where row i was; undefined where it was not there
 */
export function turnTowards(
  places: Float32Array,
  before: (row: number) => readonly [number, number] | undefined,
): void {
  const known: number[] = [];
  for (let row = 0; row < places.length / 2; row++) {
    const was = before(row);
    if (was) known.push(places[2 * row]!, places[2 * row + 1]!, ...was);
  }
  const pairs = known.length / 4;
  if (pairs < 3) return;
  const mean = (part: number): number => {
    let sum = 0;
    for (let at = part; at < known.length; at += 4) sum += known[at]!;
    return sum / pairs;
  };
  const centre = [mean(0), mean(1), mean(2), mean(3)] as const;
  const fits = ([1, -1] as const).map((mirror) => fitted(known, centre, mirror));
  const best = fits[0]!.size >= fits[1]!.size ? fits[0]! : fits[1]!;
  for (let at = 0; at < places.length; at += 2) {
    const x = places[at]! - best.from[0];
    const y = best.mirror * (places[at + 1]! - best.from[1]);
    places[at] = best.to[0] + best.a * x - best.b * y;
    places[at + 1] = best.to[1] + best.b * x + best.a * y;
  }
}

function fitted(
  known: readonly number[],
  [fx, fy, tx, ty]: readonly [number, number, number, number],
  mirror: 1 | -1,
): Similar & { size: number } {
  let [along, across, norm] = [0, 0, 0];
  for (let at = 0; at < known.length; at += 4) {
    const x = known[at]! - fx;
    const y = mirror * (known[at + 1]! - fy);
    const [u, v] = [known[at + 2]! - tx, known[at + 3]! - ty];
    along += x * u + y * v;
    across += x * v - y * u;
    norm += x * x + y * y;
  }
  const scale = 1 / Math.max(1e-12, norm);
  return { from: [fx, fy], to: [tx, ty], a: along * scale, b: across * scale, mirror, size: along ** 2 + across ** 2 };
}
