import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { Results } from '../../contract/results.ts';
import { armNames, armSchema, type ArmName, type RunSpec } from '../../contract/run-files.ts';
import type { Counts, Weights } from '../../findings/classes.ts';
import { auditHead } from '../audit/log.ts';
import type { AuditStamp } from '../db/backup.ts';
import type { Project } from '../db/open.ts';
import { engineVersions, versions } from '../diagnostics/versions.ts';
import { countLibrary, type LibraryFacts } from '../projects/library-counts.ts';
import { projectName } from '../projects/name.ts';
import { contextOf, type ResultsContext } from '../results/context.ts';
import { groupsOf, type GroupsView } from '../results/groups.ts';
import { confusionOf, readScored, weightsOf } from '../results/scored.ts';
import { trustView, type TrustView } from '../results/trust.ts';
import { readResults } from '../runs/results-file.ts';
import type { StoredRun } from '../runs/rows.ts';
import { readSpec } from '../runs/specification.ts';
import { splitVersion } from '../splits/assign.ts';
import type { Picture } from './examples.ts';

/** Images of one side that people looked at and gave no class. */
interface Marks {
  readonly unsure: number;
  readonly skip: number;
  readonly none: number;
}

/** A choice of the model to use, as the audit trail holds it. */
const choiceSchema = z.object({ rater: z.string(), arm: armSchema });

export interface Facts {
  readonly project: string;
  readonly now: string;
  readonly run: StoredRun;
  /** Null of a run whose settings were not kept. */
  readonly spec: RunSpec | null;
  readonly results: Results;
  readonly context: ResultsContext;
  readonly counts: Readonly<Record<ArmName, Counts>>;
  readonly weights: Readonly<Record<ArmName, Weights | null>>;
  readonly trust: Readonly<Record<ArmName, TrustView>>;
  readonly byGroup: Readonly<Record<ArmName, GroupsView>>;
  readonly library: LibraryFacts;
  readonly groups: { readonly training: number; readonly check: number };
  /** Groups or sides were changed since the run: its score is of another split. */
  readonly splitChanged: boolean;
  readonly trainingMarks: Marks;
  /** Images with labels that disagree and were not decided. */
  readonly undecided: number;
  /** Look the same as check images of another group, so neither side uses them. */
  readonly lookAlike: number;
  readonly seenAt: string | null;
  /** The version that began the run; null where it was not kept. */
  readonly madeWith: string | null;
  readonly choice: (z.infer<typeof choiceSchema> & { readonly time: string }) | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly stamp: AuditStamp;
  /** Null unless they were chosen, and with them the names of files and groups. */
  readonly pictures: readonly Picture[] | null;
}

/** What a report tells, but for its pictures: from the same functions that answer the page. */
export async function gather(project: Project, run: StoredRun): Promise<Omit<Facts, 'pictures'>> {
  const { db, paths } = project;
  const folder = join(paths.runs, run.id);
  const results = await readResults(folder, run);
  const scored = await readScored(project, run.id);
  const perArm = <T>(of: (arm: ArmName) => T): Record<ArmName, T> =>
    Object.fromEntries(armNames.map((arm) => [arm, of(arm)])) as Record<ArmName, T>;
  const columns = db
    .prepare<[string], { split: number; seenAt: string | null }>(
      `SELECT split, seen_at AS seenAt FROM run WHERE id = ?`,
    )
    .get(run.id)!;
  const count = (sql: string): number => Number(db.prepare(sql).pluck().get() ?? 0);
  return {
    project: projectName(project),
    now: new Date().toISOString(),
    run,
    spec: await readSpec(folder),
    results,
    context: await contextOf(project, results),
    counts: perArm((arm) => confusionOf(scored, results.classes.length, arm)),
    weights: perArm((arm) => weightsOf(scored, results.classes.length, arm)),
    trust: perArm((arm) => trustView(scored, results, arm)),
    byGroup: {
      plain: await groupsOf(project, run.id, scored, 'plain'),
      adapted: await groupsOf(project, run.id, scored, 'adapted'),
    },
    library: countLibrary(db),
    groups: {
      training: count(`SELECT count(*) FROM image_group WHERE side = 'training'`),
      check: count(`SELECT count(*) FROM image_group WHERE side = 'check'`),
    },
    splitChanged: columns.split !== splitVersion(db),
    trainingMarks: trainingMarks(db),
    undecided: count(undecidedSql),
    lookAlike: count(`SELECT count(*) FROM image WHERE state = 'ok' AND side = 'excluded'`),
    seenAt: columns.seenAt,
    madeWith: madeWith(db, run.id),
    choice: lastChoice(db, run.id),
    versions: { ...versions(), ...engineVersions() },
    stamp: auditHead(db),
  };
}

/** What is said of an image by several raters, where that is not one thing and nothing was decided together. */
const undecidedSql = `SELECT count(*) FROM (
  SELECT image FROM label_now WHERE kind IN ('class', 'none')
    AND image NOT IN (SELECT image FROM label_now WHERE rater = 'joint' AND kind IN ('class', 'none'))
  GROUP BY image HAVING count(DISTINCT ifnull(class_id, 0)) > 1)`;

function trainingMarks(db: Database.Database): Marks {
  const of = db
    .prepare<[string], number>(
      `SELECT count(DISTINCT image) FROM label_now JOIN image ON image.id = label_now.image
       WHERE side = 'training' AND kind = ? AND image NOT IN (SELECT image FROM counting_label)`,
    )
    .pluck();
  const count = (kind: string): number => of.get(kind) ?? 0;
  return { unsure: count('unsure'), skip: count('skip'), none: count('none') };
}

function lastChoice(db: Database.Database, run: string): Facts['choice'] {
  const row = db
    .prepare<[string], { time: string; payload: string }>(
      `SELECT time, payload FROM audit WHERE kind = 'choose' AND json_extract(payload, '$.run') = ?
       ORDER BY seq DESC LIMIT 1`,
    )
    .get(run);
  return row ? { ...choiceSchema.parse(JSON.parse(row.payload)), time: row.time } : null;
}

const madeWith = (db: Database.Database, run: string): string | null =>
  db
    .prepare<[string], string | null>(
      `SELECT json_extract(payload, '$.version') FROM audit
       WHERE kind = 'run' AND json_extract(payload, '$.run') = ? ORDER BY seq LIMIT 1`,
    )
    .pluck()
    .get(run) ?? null;
