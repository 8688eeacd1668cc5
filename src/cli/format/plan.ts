import type { Plan } from '../../contract/runs.ts';
import { labelsWords } from './labels.ts';
import { bytes, count, duration, plural } from './numbers.ts';
import { stageWord } from './progress.ts';
import { table } from './table.ts';

const between = ([low, high]: readonly [number, number]): string =>
  duration(low) === duration(high) ? duration(low) : `${duration(low)} – ${duration(high)}`;

export function planText(plan: Plan): string {
  const total = plan.stages.reduce<[number, number]>(
    ([low, high], { seconds }) => [low + seconds[0], high + seconds[1]],
    [0, 0],
  );
  const perClass = labelsWords(plan, plan.labelsPerClass);
  const shots = perClass === null ? '' : `, ${perClass}`;
  return [
    'This will',
    table(
      ['stage', 'what', 'time'],
      plan.stages.map(({ name, what, seconds }) => [stageWord(name), what, between(seconds)]),
      2,
    ),
    '',
    `Takes about ${between(total)} on ${plan.provider}; needs ${bytes(plan.memoryBytes)} of memory and ${bytes(plan.diskBytes)} of disk.`,
    `Learns from ${plural(plan.adaptationImages, 'image')} in ${plural(plan.epochs, 'pass', 'passes')} with ${plan.method} on ${plan.backbone} at ${plan.size} px, ${plural(plan.seeds, 'seed')}.`,
    `Trains (${plan.regimes.join(', ')}) with ${plural(plan.trainingLabels, 'label')} of ${plural(plan.classes.length, 'class', 'classes')}, ${plural(plan.draws, 'draw')}${shots}; checks on ${plural(plan.checkImages, 'image')}${plan.checkGroups > 0 ? ` from ${count(plan.checkGroups)} groups` : ''}.`,
    ...(plan.columns.length > 0
      ? [`Beside the images it learns from ${plan.columns.map(({ name, kind }) => `${name} (${kind})`).join(', ')}.`]
      : []),
    ...plan.advice,
  ].join('\n');
}
