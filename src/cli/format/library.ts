import type { LibrarySummary } from '../../contract/library.ts';
import { count, duration, plural } from './numbers.ts';
import { table } from './table.ts';

const LISTED = 20;

function changes({ added, changed, gone }: LibrarySummary): string {
  return `${count(added)} new, ${count(changed)} changed, ${count(gone)} gone`;
}

function groupLine({ groups }: LibrarySummary): string {
  if (groups.keepApart === null) return 'No groups: scores cannot be checked by patient, slide or plate.';
  const unmatched = groups.unmatched > 0 ? `; ${plural(groups.unmatched, 'file')} matched nothing` : '';
  return `${plural(groups.count, 'group')} kept apart by ${groups.keepApart}, ${count(groups.check)} reserved for checks${unmatched}.`;
}

function duplicateLines({ duplicates }: LibrarySummary): string[] {
  if (duplicates.exact + duplicates.near === 0) return [];
  return [
    `${plural(duplicates.exact, 'exact duplicate')} and ${plural(duplicates.near, 'near duplicate')}, kept on one side of every split.`,
  ];
}

/** How many there are is among the warnings. */
function unreadableLines({ unreadable }: LibrarySummary): string[] {
  if (unreadable.length === 0) return [];
  return [
    '',
    'Left out:',
    ...unreadable.slice(0, LISTED).map(({ file, reason, code }) => `  ${file}: ${reason} [${code}]`),
    ...(unreadable.length > LISTED ? [`  … and ${count(unreadable.length - LISTED)} more (see --json)`] : []),
  ];
}

export function libraryText(summary: LibrarySummary): string {
  const { classes } = summary;
  return [
    `${plural(summary.images, 'image')} (${changes(summary)}) in ${duration(summary.seconds)}.`,
    groupLine(summary),
    ...duplicateLines(summary),
    ...(summary.unlabelledOnly > 0
      ? [`${plural(summary.unlabelledOnly, 'image')} only for the adaptation, never labelled or scored.`]
      : []),
    '',
    ...(classes.length === 0
      ? ['No classes yet: nothing is labelled.']
      : [
          table(
            ['Class', 'images', 'training', 'check'],
            classes.map(({ name, images, training, check }) => [name, count(images), count(training), count(check)]),
          ),
        ]),
    ...(summary.warnings.length > 0 ? ['', ...summary.warnings] : []),
    ...unreadableLines(summary),
    '',
    `Project: ${summary.project}`,
    `Next: acclimate run ${summary.project} --plan`,
  ].join('\n');
}
