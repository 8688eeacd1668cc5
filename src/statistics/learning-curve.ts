import { meanOf } from './mean.ts';
import { studentQuantile } from './student.ts';

/** How well it does with so many labels per class, by each of several random orders of the labels at hand. */
export interface CurvePoint {
  /** Mean over classes. */
  readonly labels: number;
  /** Share named correctly, one per order; at each point an order has the labels of the point before, and more. */
  readonly perOrder: readonly number[];
}

/** What more labels per class would buy, as a difference of shares. */
export interface Outlook {
  readonly labels: number;
  readonly gain: { mean: number; ci: [number, number] };
  /** The guess itself, from the last point on. */
  readonly line: { labels: number; mean: number }[];
}

/** Labels per class at which the curve is looked at: growing by about 1.6, then all there are. */
export function ladderOf(perClass: readonly number[]): number[] {
  const most = Math.max(0, ...perClass);
  const steps: number[] = [];
  for (let k = 1; k < most; k = Math.max(k + 1, Math.round(k * 1.6))) steps.push(k);
  return most > 0 ? [...steps, most] : [];
}

/** Fewer points than this are no curve. */
export const fewestPoints = 3;
/** Points below this part of the labels at hand say little about more labels. */
const oldestPart = 0.1;
/** How wrong the power may be, as a part of the gain, where the guess reaches as far as the curve does. */
const wrongForm = 0.5;
/** An error below this is not told from none. */
const leastError = 0.002;

/**
 * What `more` labels per class would buy. Errors fall as a power of the labels (Hestness et al. 2017, section 3),
 * fitted by least squares on both logarithms, points counting by their labels. The range holds what one draw of labels
 * differs from another, told by the spread of gains between nested points of the same order, and what leaving out one
 * order changes (jackknife). From n to m labels the model moves by √(1/n − 1/m), and so does the number of images that
 * are called another class by it; the variance of the gain goes with that number. Errors of few labels are no power: the
 * farther the guess reaches beyond the curve, the more that may be off (back-tested: `bench/results/more-labels.txt`).
 *
 * @returns null below 3 points
 */
export function outlook(points: readonly CurvePoint[], more = 5): Outlook | null {
  const last = points.at(-1);
  if (!last || points.length < fewestPoints) return null;
  const orders = last.perOrder.length;
  const all = Array.from({ length: orders }, (_, order) => order);
  const now = last.labels;
  const { at, gain } = fitted(points, all, more);
  const without = all.map(
    (left) =>
      fitted(
        points,
        all.filter((order) => order !== left),
        more,
      ).gain,
  );
  const centre = meanOf(without);
  const fitVariance = ((orders - 1) / orders) * without.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const drawVariance = spreadOfGains(points) * moved(now, now + more);
  const reach = Math.log((now + more) / now) / Math.log(now / points[0]!.labels);
  const formVariance = (wrongForm * reach * gain) ** 2;
  const half = studentQuantile(0.975, Math.max(1, orders - 1)) * Math.sqrt(fitVariance + drawVariance + formVariance);
  const line = Array.from({ length: more + 1 }, (_, step) => ({ labels: now + step, mean: at(now + step) }));
  return { labels: more, gain: { mean: gain, ci: [gain - half, gain + half] }, line };
}

/** How far a model moves between two numbers of labels. */
const moved = (from: number, to: number): number => Math.sqrt(1 / from - 1 / to);

/** Variance of gains between nested points, per √(1/n − 1/m). */
function spreadOfGains(points: readonly CurvePoint[]): number {
  const parts = points.slice(1).flatMap((point, i) => {
    const before = points[i]!;
    const gains = point.perOrder.map((value, order) => value - before.perOrder[order]!);
    const centre = meanOf(gains);
    const variance = gains.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, gains.length - 1);
    return before.labels >= oldestPart * points.at(-1)!.labels ? [variance / moved(before.labels, point.labels)] : [];
  });
  return parts.length > 0 ? meanOf(parts) : 0;
}

function fitted(
  points: readonly CurvePoint[],
  orders: readonly number[],
  more: number,
): { at(labels: number): number; gain: number } {
  const now = points.at(-1)!.labels;
  const recent = points.filter(({ labels }) => labels >= oldestPart * now);
  const used = (recent.length >= fewestPoints ? recent : points).map(({ labels, perOrder }) => ({
    x: Math.log(labels),
    y: Math.log(Math.max(leastError, 1 - meanOf(orders.map((order) => perOrder[order]!)))),
    weight: labels,
  }));
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  const [x, y] = (['x', 'y'] as const).map(
    (axis) => used.reduce((sum, each) => sum + each.weight * each[axis], 0) / total,
  );
  const above = used.reduce((sum, each) => sum + each.weight * (each.x - x!) * (each.y - y!), 0);
  const below = used.reduce((sum, each) => sum + each.weight * (each.x - x!) ** 2, 0);
  // More labels are not expected to harm.
  const slope = Math.min(0, above / below);
  const at = (labels: number): number => 1 - Math.exp(y! + slope * (Math.log(labels) - x!));
  return { at, gain: at(now + more) - at(now) };
}
