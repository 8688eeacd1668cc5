import { armNames, type ArmName, type Scored } from '../../contract/run-files.ts';
import type { RunFolder } from '../jobs/run-folder.ts';
import type { Cell, Cells } from './cells.ts';

/**
 * What each check image was called by each arm: the class with the highest mean of its probabilities over the draws and
 * seeds that are scored. Of repeated splits an image is judged by those that held it out.
 */
export function scoredImages(
  { spec, manifest }: RunFolder,
  cells: Cells,
  clusterOf: ReadonlyMap<number, number>,
): Scored {
  const isScored = ({ draw }: Cell): boolean =>
    spec.protocol.check === 'repeated' || spec.protocol.kind !== 'subsample' || draw === 0;
  const classes = manifest.classes.length;
  const [plain, adapted] = armNames.map((arm) => meansOf(cells[arm].filter(isScored), classes));
  const called = (means: Means, image: number): Scored['images'][number][ArmName] => {
    const { sums, cells: count } = means.get(image)!;
    let best = 0;
    for (let c = 1; c < classes; c++) if (sums[c]! > sums[best]!) best = c;
    return { called: best, probability: Math.min(1, sums[best]! / count) };
  };
  const labels = new Map<number, number>();
  const weights = new Map<number, number>();
  for (const cell of cells.plain.filter(isScored)) {
    cell.images.forEach((image, row) => {
      labels.set(image, cell.labels[row]!);
      if (cell.weights) weights.set(image, cell.weights[row]!);
    });
  }
  return {
    version: 1,
    images: [...labels]
      .sort(([a], [b]) => a - b)
      .map(([image, label]) => ({
        image,
        class: label,
        cluster: clusterOf.get(image) ?? image,
        ...(weights.has(image) ? { weight: weights.get(image)! } : {}),
        plain: called(plain!, image),
        adapted: called(adapted!, image),
      })),
  };
}

type Means = ReadonlyMap<number, { readonly sums: Float64Array; readonly cells: number }>;

function meansOf(cells: readonly Cell[], classes: number): Means {
  const means = new Map<number, { sums: Float64Array; cells: number }>();
  for (const { images, probabilities } of cells) {
    images.forEach((image, row) => {
      const mean = means.get(image) ?? { sums: new Float64Array(classes), cells: 0 };
      for (let c = 0; c < classes; c++) mean.sums[c]! += probabilities[row * classes + c]!;
      mean.cells += 1;
      means.set(image, mean);
    });
  }
  return means;
}
