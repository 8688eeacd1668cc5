import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { resultsSchema, type Results } from '../../../src/contract/results.ts';
import { armNames, type ArmName } from '../../../src/contract/run-files.ts';
import type { Cell } from '../../../src/engine/evaluate/cells.ts';
import { compare } from '../../../src/engine/evaluate/estimates.ts';
import { classAuc, classScores, confusionMatrix } from '../../../src/engine/evaluate/metrics.ts';
import { judge } from '../../../src/engine/evaluate/verdict.ts';
import type { Counts } from '../../../src/findings/classes.ts';
import type { Context } from '../../../src/findings/sentences.ts';

const digits = z.string().transform((text) => Array.from(text, (digit) => Number.parseInt(digit, 36)));
const byDraw = z.record(z.string(), digits);
const exampleSchema = z.object({
  classes: z.array(z.string()),
  trainingLabels: z.array(z.int()),
  truth: digits,
  patient: digits,
  called: z.object({ plain: byDraw, adapted: byDraw }),
});

const fixture = new URL('../../fixtures/results/example.json', import.meta.url);
const seeds = 3;
const draws = 5;

/** The example of the Results page: all of it by the engine's own arithmetic from what each check image was called. */
export function example(): { results: Results; counts: Record<ArmName, Counts>; context: Context } {
  const { classes, trainingLabels, truth, patient, called } = exampleSchema.parse(
    JSON.parse(readFileSync(fixture, 'utf8')),
  );
  const patients = new Set(patient).size;
  const cell = (arm: ArmName, draw: number, seed: number): Cell => ({
    draw,
    seed,
    classes: classes.length,
    regime: 'probe',
    images: Int32Array.from(truth.keys()),
    labels: Int32Array.from(truth),
    probabilities: Float64Array.from(
      called[arm][draw]!.flatMap((index) => classes.map((_, c) => (c === index ? 0.9 : 0.1 / (classes.length - 1)))),
    ),
    clusters: { of: Int32Array.from(patient), count: patients },
  });
  const cellsOf = (arm: ArmName): Cell[] => [
    ...Array.from({ length: seeds }, (_, seed) => cell(arm, 0, seed)),
    ...Array.from({ length: draws }, (_, draw) => cell(arm, draw + 1, 0)),
  ];
  const cells = { plain: cellsOf('plain'), adapted: cellsOf('adapted') };
  const shown = Array.from({ length: draws }, (_, draw) => draw + 1);
  const { arms, difference, spread } = compare(cells, { seeds, scored: [0], shown, splits: null });
  const armOf = (arm: ArmName): Results['arms']['plain'] => {
    const first = cells[arm][0]!;
    const confusion = confusionMatrix(first);
    const scores = classScores(confusion);
    return {
      ...arms[arm],
      regimes: ['probe'],
      confusion: confusion.map((row) => [...row]),
      perClass: classes.map((name, c) => ({
        class: name,
        checkImages: truth.filter((index) => index === c).length,
        trainingLabels: trainingLabels[c]!,
        ...scores[c]!,
        auc: classAuc(first, c),
      })),
    };
  };
  const judged = judge({
    accuracy: difference.accuracy,
    spread,
    balancedAccuracy: difference.balancedAccuracy,
    plainAccuracy: arms.plain.accuracy.mean,
    adaptedAccuracy: arms.adapted.accuracy.mean,
    checkImages: truth.length,
  });
  const results = resultsSchema.parse({
    run: 'example',
    images: 48_210,
    classes,
    groups: 37,
    protocol: {
      kind: 'subsample',
      check: 'reserved',
      shots: null,
      draws,
      seeds,
      checkImages: truth.length,
      checkGroups: patients,
      adaptationImages: 38_600,
    },
    arms: { plain: armOf('plain'), adapted: armOf('adapted') },
    difference,
    ...judged,
    monitor: [],
    seconds: 5400,
    imagesPerSecond: 1240,
  });
  const count = (arm: ArmName): Counts =>
    classes.map((_, row) =>
      classes.map((__, column) => truth.filter((c, i) => c === row && called[arm][0]![i] === column).length),
    );
  const isRight = (arm: ArmName, i: number): boolean => called[arm][0]![i] === truth[i];
  const only = (arm: ArmName): number =>
    truth.filter((_, i) => isRight(arm, i) && armNames.filter((each) => isRight(each, i)).length === 1).length;
  const perClass = classes.map((_, c) => truth.filter((index) => index === c).length);
  const most = perClass.indexOf(Math.max(...perClass));
  return {
    results,
    counts: Object.fromEntries(armNames.map((arm) => [arm, count(arm)])) as Record<ArmName, Counts>,
    context: {
      labelsNow: 208,
      labelsThen: 199,
      checkNamed: truth.length,
      checkUnsure: 9,
      checkSkipped: 3,
      checkNone: 2,
      fixedAfter: 7,
      chosen: judged.deployed,
      chosenByHand: false,
      onlyRight: { plain: only('plain'), adapted: only('adapted') },
      commonest: { class: classes[most]!, share: perClass[most]! / truth.length },
      shipped: false,
    },
  };
}
