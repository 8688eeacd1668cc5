import { existsSync } from 'node:fs';
import type { Curve } from '../../contract/results.ts';
import type { ArmName, CheckLabels } from '../../contract/run-files.ts';
import {
  crossedSpread,
  pseudoValues,
  ratioLeftOut,
  repeatedSplitSpread,
  studentInterval,
  type LeftOut,
} from '../../statistics/intervals.ts';
import { outlook, type CurvePoint } from '../../statistics/learning-curve.ts';
import { meanOf } from '../../statistics/mean.ts';
import type { RunFolder } from '../jobs/run-folder.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { numbered } from './cells.ts';
import { checkWeights } from './check-weights.ts';
import type { Clusters } from './leave-one-out.ts';

/**
 * The learning curve of an arm, joined with the check labels; null where the run has none. Of repeated splits the points
 * alone: the range of a guess from so few images is tens of points either way.
 */
export async function readCurve(run: RunFolder, arm: ArmName, checkLabels: CheckLabels): Promise<Curve | null> {
  const file = run.paths.curve(arm);
  if (!existsSync(file)) return null;
  const { tensors } = await readSafetensors(file);
  const ends = run.spec.protocol.check === 'repeated' ? run.manifest.draws.map((_, draw) => `.${draw}`) : [''];
  const walks = ends.flatMap((end) => {
    const [ids, steps, called] = ['ids', 'steps', 'called'].map((name) => tensors[`${name}${end}`]?.data);
    const walk = ids && steps && called && walkOf(run, { ids, steps, called }, checkLabels);
    return walk ? [walk] : [];
  });
  const [first] = walks;
  if (!first) return null;
  const checkImages = new Set(walks.flatMap(({ images }) => images)).size;
  if (run.spec.protocol.check === 'repeated') return { points: pointsOfSplits(run, walks), outlook: null, checkImages };
  const points = first.steps.map((labels, step): Curve['points'][number] & CurvePoint => {
    const values = first.orders.map((order) => order[step]!);
    const perOrder = values.map(({ value }) => value);
    const pseudo = values.flatMap(({ value, without }) => [...pseudoValues(value, without)]);
    const levels = [values.length, first.clusters];
    const spread = crossedSpread({ values: Float64Array.from(pseudo), levels });
    const mean = meanOf(perOrder);
    return { labels, mean, ci: [...studentInterval(mean, spread, [0, 1])], perOrder };
  });
  return {
    points: points.map(({ labels, mean, ci }) => ({ labels, mean, ci })),
    outlook: outlook(points),
    checkImages,
  };
}

/** One walk through ever more labels, joined with the labels of the images it was asked about. */
interface Walk {
  readonly images: readonly number[];
  readonly clusters: number;
  /** Labels per class. */
  readonly steps: readonly number[];
  /** Share named correctly, [order][step]. */
  readonly orders: readonly (readonly LeftOut[])[];
}

function walkOf(
  { manifest }: RunFolder,
  { ids, steps, called }: Readonly<Record<'ids' | 'steps' | 'called', ArrayLike<number>>>,
  checkLabels: CheckLabels,
): Walk | null {
  const labelOf = new Map(checkLabels.map((label) => [label.image, label]));
  const columns = Array.from({ length: ids.length }, (_, column) => column).filter((at) => labelOf.has(ids[at]!));
  if (columns.length === 0) return null;
  const labels = columns.map((column) => labelOf.get(ids[column]!)!);
  const images = labels.map(({ image }) => image);
  const weights = checkWeights(images, manifest.drawn) ?? new Float64Array(images.length).fill(1);
  const clusters = numbered(labels.map(({ cluster }) => cluster));
  const orders = Array.from({ length: called.length / steps.length / ids.length }, (_, order) =>
    Array.from(steps, (__, step) => {
      const row = (order * steps.length + step) * ids.length;
      const right = columns.map((column, i) => (called[row + column] === labels[i]!.class ? 1 : 0));
      return leftOut(right, weights, clusters);
    }),
  );
  return { images, clusters: clusters.count, steps: Array.from(steps), orders };
}

/** Means over splits that share their images, so the spread between them is corrected for it (Nadeau–Bengio). */
function pointsOfSplits({ manifest }: RunFolder, walks: readonly Walk[]): Curve['points'] {
  // A split may have one label more of some class, and one step more; the last step of each has all its labels.
  const count = Math.min(...walks.map(({ steps }) => steps.length));
  const test = meanOf(walks.map(({ images }) => images.length));
  const train = meanOf(manifest.draws.map((draw) => draw.train.length));
  return Array.from({ length: count }, (_, step) => {
    const at = walks.map(({ steps }) => (step < count - 1 ? step : steps.length - 1));
    const scores = walks.map(({ orders }, w) => meanOf(orders.map((order) => order[at[w]!]!.value)));
    const mean = meanOf(scores);
    const ci = studentInterval(mean, repeatedSplitSpread(scores, test, train), [0, 1]);
    return { labels: meanOf(walks.map(({ steps }, w) => steps[at[w]!]!)), mean, ci: [...ci] };
  });
}

/** A weighted share, and the same without each cluster. */
function leftOut(right: readonly number[], weights: ArrayLike<number>, clusters: Clusters): LeftOut {
  const hits = new Float64Array(clusters.count);
  const sizes = new Float64Array(clusters.count);
  right.forEach((hit, i) => {
    hits[clusters.of[i]!]! += hit * weights[i]!;
    sizes[clusters.of[i]!]! += weights[i]!;
  });
  return ratioLeftOut(hits, sizes);
}
