import type { ArmName, RunSpec, Scored } from '../../contract/run-files.ts';
import type { Cells } from './cells.ts';
import { topClass } from './metrics.ts';
import { isScored, type Answer, type Said } from './said.ts';

type Called = Scored['images'][number][ArmName];

/**
 * What each check image was called by each arm: the class with the highest mean of its probabilities. Where several
 * draws are scored, also by the model of each.
 */
export function scoredImages(
  spec: RunSpec,
  cells: Cells,
  said: Readonly<Record<ArmName, ReadonlyMap<number, Said>>>,
  clusterOf: ReadonlyMap<number, number>,
): Scored {
  const labels = new Map<number, number>();
  const weights = new Map<number, number>();
  for (const cell of cells.plain.filter(isScored(spec))) {
    cell.images.forEach((image, row) => {
      labels.set(image, cell.labels[row]!);
      if (cell.weights) weights.set(image, cell.weights[row]!);
    });
  }
  const several = new Set(cells.plain.filter(isScored(spec)).map(({ draw }) => draw)).size > 1;
  const called = (arm: ArmName, image: number): Called => {
    const { mean, answers } = said[arm].get(image)!;
    const hits = answers.map((answer) => [...answer.hits]);
    if (!several) return { ...answerOf(answers[0]!), hits };
    const { called: top, probability } = answerOf({ raw: mean, corrected: null });
    return { called: top, probability, hits, draws: answers.map((of) => ({ draw: of.draw, ...answerOf(of) })) };
  };
  return {
    version: 1,
    images: [...labels]
      .sort(([a], [b]) => a - b)
      .map(([image, label]) => ({
        image,
        class: label,
        cluster: clusterOf.get(image) ?? image,
        ...(weights.has(image) ? { weight: weights.get(image)! } : {}),
        plain: called('plain', image),
        adapted: called('adapted', image),
      })),
  };
}

function answerOf({
  raw,
  corrected,
}: Pick<Answer, 'raw' | 'corrected'>): Pick<Called, 'called' | 'probability' | 'corrected'> {
  const top = topClass({ probabilities: raw, classes: raw.length }, 0);
  return {
    called: top,
    probability: Math.min(1, raw[top]!),
    ...(corrected ? { corrected: Math.min(1, corrected[top]!) } : {}),
  };
}
