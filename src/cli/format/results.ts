import { fewestOfClass, type MetricName, type Results } from '../../contract/results.ts';
import { labelsWords } from './labels.ts';
import { count, duration, percent, plural, range, signedRange, wholePercent, type Scale } from './numbers.ts';
import { table } from './table.ts';

const unit: Scale = { factor: 1, digits: 3 };

const rows: readonly { metric: MetricName; label: string; scale: Scale }[] = [
  { metric: 'accuracy', label: 'Named correctly, of 100', scale: percent },
  { metric: 'balancedAccuracy', label: 'Each class counted equally, of 100', scale: percent },
  { metric: 'macroF1', label: 'Balance over classes (macro F1), of 100', scale: percent },
  { metric: 'auc', label: 'Ranking (AUC), 1 is best', scale: unit },
  { metric: 'logLoss', label: 'Surprise (log loss), lower is better', scale: unit },
  { metric: 'ece', label: 'Confidence error (ECE), lower is better', scale: unit },
];

const found = (recall: number | null, checkImages: number): string =>
  recall === null || checkImages < fewestOfClass ? 'not measured' : wholePercent(recall);

function classTable({ arms }: Results): string {
  return table(
    ['Found, of 100 of each class', 'with', 'without', 'check images'],
    arms.plain.perClass.map((plain, index) => [
      plain.class,
      found(arms.adapted.perClass[index]?.recall ?? null, plain.checkImages),
      found(plain.recall, plain.checkImages),
      count(plain.checkImages),
    ]),
  );
}

function weakest({ arms, deployed, protocol }: Results): string[] {
  const measured = arms[deployed].perClass.filter(
    ({ recall, checkImages }) => recall !== null && checkImages >= fewestOfClass,
  );
  const worst = measured.sort((one, other) => one.recall! - other.recall!)[0];
  if (worst === undefined) return [];
  // A weighted share is not that of the images it was told from.
  if (protocol.weighted) return [`Weakest: ${worst.class}, found ${found(worst.recall, worst.checkImages)} of 100.`];
  const hits = Math.round(worst.recall! * worst.checkImages);
  return [`Weakest: ${worst.class}, found ${hits} of ${worst.checkImages}.`];
}

function measuredOn({ protocol, arms }: Results): string {
  const from = protocol.checkGroups > 0 ? ` from ${plural(protocol.checkGroups, 'group')} not seen in training` : '';
  const trained = arms.plain.perClass.map(({ trainingLabels }) => trainingLabels);
  const perClass = labelsWords(protocol, [Math.min(...trained), Math.max(...trained)]);
  const labels = perClass === null ? '' : `${perClass}, `;
  const draws = `${plural(protocol.draws, 'label draw')} × ${plural(protocol.seeds, 'seed')}`;
  const learned = `learned from ${plural(protocol.adaptationImages, 'image')} without their labels`;
  return `Measured on ${plural(protocol.checkImages, 'check image')}${from}: ${labels}${draws}; ${learned}.`;
}

const recommendations = {
  adapted: 'Recommended: the model with adaptation.',
  plain: 'Recommended: the model without adaptation.',
  undecided: 'Recommended for now: the model without adaptation, until there is more to tell from.',
} as const;

/** How fast it adapted, and how much of that time the engine waited for images. */
export function speedText({ imagesPerSecond, idleShare }: Pick<Results, 'imagesPerSecond' | 'idleShare'>): string {
  const waited = idleShare === undefined ? '' : `; it waited for images ${(100 * idleShare).toFixed(1)} % of that time`;
  return `${count(imagesPerSecond)} images/s while adapting${waited}`;
}

/** The comparison as a table for people who do not know machine learning. */
export function resultsText(results: Results): string {
  const { arms, difference } = results;
  return [
    results.headline,
    '',
    table(
      ['Mean (95 % range)', 'with adaptation', 'without', 'difference'],
      rows.map(({ metric, label, scale }) => [
        label,
        range(arms.adapted[metric].mean, arms.adapted[metric].ci, scale),
        range(arms.plain[metric].mean, arms.plain[metric].ci, scale),
        signedRange(difference[metric].mean, difference[metric].ci, scale),
      ]),
    ),
    '',
    classTable(results),
    '',
    ...weakest(results),
    recommendations[results.recommendation],
    measuredOn(results),
    ...results.notes,
    `Run ${results.run}: ${duration(results.seconds)}, ${speedText(results)}.`,
  ].join('\n');
}
