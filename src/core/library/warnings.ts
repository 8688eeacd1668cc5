import type Database from 'better-sqlite3';
import type { LibrarySummary } from '../../contract/library.ts';
import type { KeptSummary } from './summary.ts';

type Counted = Omit<LibrarySummary, 'warnings'>;

const fewGroups = 5;
/** Below this many check images the score is taken from repeated splits. */
const fewCheckImages = 30;
const imbalance = 30;
/** Pixels on the longer side from which one look at a few hundred pixels loses the small things. */
const largeSide = 1500;

/** What a careful colleague would say of this library, in sentences. */
export function libraryWarnings(db: Database.Database, summary: Counted, kept: KeptSummary): string[] {
  return [
    ...unreadableWarning(summary),
    ...labelFileWarning(kept),
    ...groupWarnings(db, summary, kept),
    ...classWarnings(summary),
    ...confounding(db),
    ...checkWarning(summary),
    ...excludedWarning(db),
    ...pictureWarnings(db),
  ];
}

const number = (value: number): string => value.toLocaleString('en');
const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

function unreadableWarning({ unreadable, images }: Counted): string[] {
  const count = unreadable.length;
  if (!count) return [];
  const verb = plural(count, 'file could not be read and was left out', 'files could not be read and were left out');
  return [`${number(count)} ${verb}. The other ${number(images)} are fine.`];
}

function labelFileWarning({ missing: { rows, first } }: KeptSummary): string[] {
  if (!rows || first === null) return [];
  const what = plural(
    rows,
    'row of the file of labels names an image that is',
    'rows of the file of labels name images that are',
  );
  return [`${number(rows)} ${what} not in the folder; the first is ${first}.`];
}

function groupWarnings(db: Database.Database, { groups }: Counted, kept: KeptSummary): string[] {
  if (groups.keepApart === null) {
    return kept.keepApart === null
      ? []
      : [`${kept.keepApart} gives one group only, so no group can be kept apart and the score is not group-checked.`];
  }
  const warnings: string[] = [];
  if (groups.count < fewGroups) {
    warnings.push(`Only ${groups.count} groups: nobody can tell how it does on a new one.`);
  }
  if (groups.unmatched) {
    const first = db
      .prepare(`SELECT file FROM image WHERE state = 'ok' AND role = 'main' AND group_id IS NULL ORDER BY file LIMIT 1`)
      .pluck()
      .get();
    const verb = plural(groups.unmatched, 'image has no group', 'images have no group');
    warnings.push(`${number(groups.unmatched)} ${verb}; the first is ${String(first)}.`);
  }
  return warnings;
}

function classWarnings({ classes }: Counted): string[] {
  if (classes.length === 0) return [];
  if (classes.length === 1) return [`There is only one class, ${classes[0]?.name}; telling apart needs at least two.`];
  const sorted = classes.toSorted((a, b) => a.images - b.images);
  const [least, most] = [sorted[0], sorted.at(-1)];
  const warnings = classes
    .filter(({ training, check }) => training === 0 && check > 0)
    .map(({ name }) => `All labels of ${name} are on the check side; label some more for training.`);
  if (least && most && most.images >= imbalance * least.images) {
    const times = Math.floor(most.images / least.images);
    warnings.push(
      `${most.name} has ${times} times as many labels as ${least.name}. Training is balanced for this; look at the rare classes, not at the total.`,
    );
  }
  return warnings;
}

/** A class that comes from one group, or one scanner, may be recognised by that instead. */
function confounding(db: Database.Database): string[] {
  const grouped = db
    .prepare<[], { class: string; name: string }>(
      `SELECT class, min(image_group.name) AS name FROM counting_label
       JOIN image ON image.id = counting_label.image JOIN image_group ON image_group.id = image.group_id
       WHERE image.state = 'ok' GROUP BY class HAVING count(DISTINCT image_group.id) = 1 ORDER BY class`,
    )
    .all()
    .map(
      ({ class: name, name: group }) =>
        `Every ${name} comes from group ${group}. It can be learned, but nobody can tell whether it would be recognised in another.`,
    );
  const reported = db
    .prepare<[], { class: string; column_name: string; value: string }>(
      `SELECT class, column_name, min(value) AS value FROM counting_label
       JOIN report_group ON report_group.image = counting_label.image
       WHERE column_name IN (SELECT column_name FROM report_group GROUP BY column_name HAVING count(DISTINCT value) > 1)
       GROUP BY class, column_name HAVING count(DISTINCT value) = 1 ORDER BY class, column_name`,
    )
    .all()
    .map(
      ({ class: name, column_name: column, value }) =>
        `Every ${name} comes from ${column} ${value}: it may be learning the ${column}.`,
    );
  return [...grouped, ...reported];
}

function checkWarning({ check, images }: Counted): string[] {
  if (check.images >= fewCheckImages || images === 0) return [];
  return [
    `Only ${check.images} check ${plural(check.images, 'image', 'images')}: the score will come from repeated splits of all labels.`,
  ];
}

function excludedWarning(db: Database.Database): string[] {
  const excluded = Number(
    db.prepare(`SELECT count(*) FROM image WHERE state = 'ok' AND side = 'excluded'`).pluck().get(),
  );
  if (!excluded) return [];
  const verb = plural(excluded, 'image belongs to or looks', 'images belong to or look');
  return [
    `${number(excluded)} ${verb} the same as check images and ${plural(excluded, 'is', 'are')} left out of training.`,
  ];
}

function pictureWarnings(db: Database.Database): string[] {
  const warnings: string[] = [];
  const deep = db
    .prepare<[], { images: number; low: number; high: number }>(
      `SELECT count(*) AS images, min(range_low) AS low, max(range_high) AS high FROM image WHERE state = 'ok' AND bits > 8`,
    )
    .get();
  if (deep?.images) {
    warnings.push(
      `${number(deep.images)} ${plural(deep.images, 'image has', 'images have')} more than 8 bits; each is shown over its own range (values ${number(deep.low)} to ${number(deep.high)} in all).`,
    );
  }
  const paged = Number(
    db.prepare(`SELECT count(*) FROM image WHERE state = 'ok' AND type = 'tiff' AND pages > 1`).pluck().get(),
  );
  if (paged) {
    warnings.push(`${number(paged)} ${plural(paged, 'file has', 'files have')} several pages; the first is used.`);
  }
  const large = db
    .prepare<[number], { images: number; width: number; height: number }>(
      `SELECT count(*) AS images, max(width) AS width, max(height) AS height FROM image
       WHERE state = 'ok' AND max(width, height) >= ?`,
    )
    .get(largeSide);
  if (large?.images) {
    warnings.push(
      `${number(large.images)} ${plural(large.images, 'image is', 'images are')} up to ${number(large.width)} × ${number(large.height)} pixels and will be looked at much smaller; small things in them will not be seen. Cut them into single objects first.`,
    );
  }
  const changed = Number(
    db
      .prepare(
        `SELECT count(*) FROM image WHERE state = 'ok' AND changed_at IS NOT NULL AND id IN (SELECT image FROM label)`,
      )
      .pluck()
      .get(),
  );
  if (changed) {
    warnings.push(
      `${number(changed)} ${plural(changed, 'image has changed since it was', 'images have changed since they were')} labelled. Their labels are kept and marked.`,
    );
  }
  return warnings;
}
