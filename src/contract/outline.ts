/** Corners of an area of a map. */
export type Outline = readonly (readonly [number, number])[];

/**
 * Whether a point lies within an outline, by the even-odd rule (Shimrat 1962): what page and core must tell alike. Most
 * points of a map fall outside the box around the outline, which is looked at first.
 * @param places [n, 2]
 */
export function within(places: Float32Array, outline: Outline): (at: number) => boolean {
  const xs = outline.map(([x]) => x);
  const ys = outline.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  return (at) => {
    const [x, y] = [places[2 * at]!, places[2 * at + 1]!];
    if (x < left || x > right || y < low || y > high) return false;
    let isIn = false;
    for (let i = 0, before = xs.length - 1; i < xs.length; before = i++) {
      const [y1, y2] = [ys[i]!, ys[before]!];
      if (y1 > y !== y2 > y && x < ((xs[before]! - xs[i]!) * (y - y1)) / (y2 - y1) + xs[i]!) isIn = !isIn;
    }
    return isIn;
  };
}
