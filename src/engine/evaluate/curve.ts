import { existsSync } from 'node:fs';
import type { Curve } from '../../contract/results.ts';
import type { ArmName, CheckLabels } from '../../contract/run-files.ts';
import { crossedSpread, pseudoValues, studentInterval } from '../../statistics/intervals.ts';
import { outlook, type CurvePoint } from '../../statistics/learning-curve.ts';
import type { RunFolder } from '../jobs/run-folder.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { numbered } from './cells.ts';
import { checkWeights } from './check-weights.ts';

/** The learning curve of an arm, joined with the check labels; null where the run has none. */
export async function readCurve(run: RunFolder, arm: ArmName, checkLabels: CheckLabels): Promise<Curve | null> {
  const file = run.paths.curve(arm);
  if (!existsSync(file)) return null;
  const { ids, steps, called } = (await readSafetensors(file)).tensors;
  if (!ids || !steps || !called) return null;
  const labelOf = new Map(checkLabels.map((label) => [label.image, label]));
  const columns = [...ids.data.keys()].filter((column) => labelOf.has(ids.data[column]!));
  if (columns.length === 0) return null;
  const labels = columns.map((column) => labelOf.get(ids.data[column]!)!);
  const images = labels.map(({ image }) => image);
  const weights = checkWeights(images, run.manifest.drawn) ?? new Float64Array(images.length).fill(1);
  const clusters = numbered(labels.map(({ cluster }) => cluster));
  const width = ids.data.length;
  const orders = called.data.length / steps.data.length / width;
  const points = Array.from(steps.data, (perClass, step): Curve['points'][number] & CurvePoint => {
    const values = Array.from({ length: orders }, (_, order) => {
      const row = called.data.subarray(
        (order * steps.data.length + step) * width,
        (order * steps.data.length + step + 1) * width,
      );
      const right = columns.map((column, i) => (row[column] === labels[i]!.class ? 1 : 0));
      return leftOut(right, weights, clusters);
    });
    const perOrder = values.map(({ value }) => value);
    const mean = perOrder.reduce((sum, value) => sum + value, 0) / orders;
    const pseudo = values.flatMap(({ value, without }) => [...pseudoValues(value, without)]);
    const spread = crossedSpread({ values: Float64Array.from(pseudo), levels: [orders, clusters.count] });
    return { labels: perClass, mean, ci: [...studentInterval(mean, spread, [0, 1])], perOrder };
  });
  const guess = outlook(points);
  return {
    points: points.map(({ labels: perClass, mean, ci }) => ({ labels: perClass, mean, ci })),
    outlook: guess,
    checkImages: images.length,
  };
}

/** A weighted share, and the same without each cluster. */
function leftOut(
  right: readonly number[],
  weights: ArrayLike<number>,
  clusters: { readonly of: Int32Array; readonly count: number },
): { value: number; without: Float64Array } {
  const hits = new Float64Array(clusters.count);
  const sizes = new Float64Array(clusters.count);
  right.forEach((hit, i) => {
    hits[clusters.of[i]!]! += hit * weights[i]!;
    sizes[clusters.of[i]!]! += weights[i]!;
  });
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const total = hits.reduce((sum, hit) => sum + hit, 0);
  return { value: total / all, without: hits.map((hit, k) => (total - hit) / (all - sizes[k]!)) };
}
