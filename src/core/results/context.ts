import type { ArmName } from '../../contract/run-files.ts';
import type { Results } from '../../contract/results.ts';
import type { Project } from '../db/open.ts';
import { changedSql } from '../labels/changed.ts';
import { importedRater } from '../labels/log.ts';
import { onlyRight, readScored, weightOf } from './scored.ts';

interface RunColumns {
  readonly chosen: ArmName | null;
  readonly seen_at: string | null;
  readonly labels: number | null;
  readonly shipped: 0 | 1;
}

export interface ResultsContext {
  labelsNow: number;
  labelsThen: number;
  checkNamed: number;
  checkUnsure: number;
  checkSkipped: number;
  checkNone: number;
  fixedAfter: number;
  chosen: ArmName;
  chosenByHand: boolean;
  onlyRight: Record<ArmName, number>;
  commonest: { class: string; share: number };
  shipped: boolean;
}

/** What is said beside a score: how the labels of the check side came about, and what changed since. */
export async function contextOf(project: Project, results: Results): Promise<ResultsContext> {
  const { db } = project;
  const {
    chosen,
    seen_at: seenAt,
    labels,
    shipped,
  } = db
    .prepare<[string], RunColumns>(`SELECT chosen, seen_at, labels, shipped FROM run WHERE id = ?`)
    .get(results.run)!;
  const scored = await readScored(project, results.run);
  const count = (sql: string, ...params: unknown[]): number =>
    Number(
      db
        .prepare(sql)
        .pluck()
        .get(...params) ?? 0,
    );
  const checkMark = (kind: string): number =>
    count(
      `SELECT count(DISTINCT image) FROM label_now JOIN image ON image.id = label_now.image
       WHERE side = 'check' AND kind = ? AND image NOT IN (SELECT image FROM counting_label)`,
      kind,
    );
  const perClass = new Map<number, number>();
  for (const image of scored) perClass.set(image.class, (perClass.get(image.class) ?? 0) + weightOf(image));
  const all = scored.reduce((total, image) => total + weightOf(image), 0);
  const [index, most] = [...perClass].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  const ids = JSON.stringify(scored.map(({ image }) => image));
  const drawn = count(`SELECT count(*) FROM check_draw WHERE image IN (SELECT value FROM json_each(?))`, ids);
  return {
    labelsNow: count(`SELECT count(*) FROM counting_label`),
    labelsThen: labels ?? count(`SELECT count(*) FROM counting_label`),
    checkNamed: scored.length,
    checkUnsure: checkMark('unsure'),
    checkSkipped: checkMark('skip'),
    checkNone: checkMark('none'),
    fixedAfter:
      seenAt === null
        ? 0
        : count(
            `SELECT count(DISTINCT image) FROM (${changedSql('time')}) WHERE rater <> '${importedRater}'
               AND image IN (SELECT value FROM json_each(@ids))`,
            { since: seenAt, ids },
          ),
    chosen: chosen ?? results.deployed,
    chosenByHand: drawn * 2 < scored.length && shipped === 0,
    onlyRight: {
      plain: scored.filter((image) => onlyRight(image) === 'plain').length,
      adapted: scored.filter((image) => onlyRight(image) === 'adapted').length,
    },
    commonest: { class: results.classes[index] ?? '', share: all > 0 ? most / all : 0 },
    shipped: shipped === 1,
  };
}
