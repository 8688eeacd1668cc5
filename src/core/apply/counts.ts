import type { Project } from '../db/open.ts';
import { reviewedSql, thresholdOf, type StoredBatch } from './batches.ts';
import { wilson } from '../../statistics/wilson.ts';

export interface Counts {
  classes: string[];
  rows: {
    group: string;
    images: number;
    counts: number[];
    ranges: [number, number][];
    reviewed: number;
    undecided: number;
  }[];
}

interface Row {
  readonly name: string;
  readonly class: number;
  readonly probability: number;
  readonly label: string | null;
  readonly reviewed: 0 | 1;
}

/**
 * What each group holds, one row per group, or one for all where there are none. A label that counts goes before what
 * the model says; what is below its threshold and not reviewed is undecided and counts for no class.
 */
export function countsByGroup({ db }: Project, batch: StoredBatch): Counts {
  const classes = [...batch.classes];
  const indexOf = new Map(classes.map((name, index) => [name, index]));
  const rows = new Map<string, Counts['rows'][number]>();
  const found = db.prepare<[number], Row>(
    `WITH seen AS MATERIALIZED (${reviewedSql})
     SELECT ifnull(image_group.name, '') AS name, prediction.class AS class, probability,
       counting_label.class AS label, prediction.image IN (SELECT image FROM seen) AS reviewed
     FROM prediction JOIN image ON image.id = prediction.image
     LEFT JOIN image_group ON image_group.id = image.group_id
     LEFT JOIN counting_label ON counting_label.image = prediction.image
     WHERE prediction.batch = ?`,
  );
  for (const { name, class: called, probability, label, reviewed } of found.iterate(batch.id)) {
    const row = rows.get(name) ?? {
      group: name,
      images: 0,
      counts: classes.map(() => 0),
      ranges: [],
      reviewed: 0,
      undecided: 0,
    };
    rows.set(name, row);
    row.images += 1;
    row.reviewed += reviewed;
    const decided = label === null ? called : (indexOf.get(label) ?? called);
    if (label === null && reviewed === 0 && probability < thresholdOf(batch, called)) row.undecided += 1;
    else row.counts[decided]! += 1;
  }
  const sorted = [...rows.values()].sort((a, b) => a.group.localeCompare(b.group, 'en', { numeric: true }));
  return {
    classes,
    rows: sorted.map((row) => {
      const decided = row.images - row.undecided;
      return { ...row, ranges: row.counts.map((n) => wilson(n, decided)) };
    }),
  };
}
