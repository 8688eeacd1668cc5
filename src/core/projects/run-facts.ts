import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { monitorRowSchema, runNoticeSchema, type RunNotice } from '../../contract/run-files.ts';
import { runStateSchema, type RunState } from '../../contract/runs.ts';
import type { Project } from '../db/open.ts';

/** Kinds that a person starts to learn something; features alone are written in passing. */
const learning = `kind IN ('one-click', 'adapt', 'finetune') AND shipped = 0`;
const comparing = `kind IN ('one-click', 'finetune') AND state = 'finished'`;

export interface NewestRun {
  readonly id: string;
  readonly state: RunState;
  readonly error: string | null;
  readonly errorCode: string | null;
}

export interface FinishedRun {
  readonly id: string;
  /** Among the finished ones of the project, from 1. */
  readonly number: number;
  readonly finishedAt: string;
  readonly createdAt: string;
  readonly labels: number | null;
  readonly labelSeq: number | null;
}

export interface RunFacts {
  readonly newest: NewestRun | null;
  /** Newest finished comparison made here. */
  readonly finished: FinishedRun | null;
  /** The comparison that came with the sample, where there is one. */
  readonly shipped: FinishedRun | null;
}

export function runFacts(db: Database.Database): RunFacts {
  const newest = db
    .prepare<[], { id: string; state: string; error: string | null; errorCode: string | null }>(
      `SELECT id, state, error, error_code AS errorCode FROM run WHERE ${learning}
       ORDER BY created_at DESC, rowid DESC LIMIT 1`,
    )
    .get();
  return {
    newest: newest ? { ...newest, state: runStateSchema.parse(newest.state) } : null,
    finished: newestFinished(db, 0),
    shipped: newestFinished(db, 1),
  };
}

function newestFinished(db: Database.Database, shipped: 0 | 1): FinishedRun | null {
  return (
    db
      .prepare<[number], FinishedRun>(
        `SELECT id, created_at AS createdAt, ifnull(finished_at, created_at) AS finishedAt, labels,
           label_seq AS labelSeq, ${numberSql('run')} AS number
         FROM run WHERE ${comparing} AND shipped = ? ORDER BY created_at DESC, rowid DESC LIMIT 1`,
      )
      .get(shipped) ?? null
  );
}

/** "Model 3": its place among the project's finished comparisons. A shipped one is number 0. */
export function runNumber(db: Database.Database, id: string): number {
  return Number(
    db
      .prepare(`SELECT ${numberSql('run')} FROM run WHERE id = ?`)
      .pluck()
      .get(id) ?? 0,
  );
}

const numberSql = (run: string): string =>
  `CASE WHEN ${run}.shipped THEN 0 ELSE (SELECT count(*) FROM run AS other WHERE other.shipped = 0
     AND other.kind IN ('one-click', 'finetune') AND (other.state = 'finished' OR other.id = ${run}.id)
     AND (other.created_at, other.rowid) <= (${run}.created_at, ${run}.rowid)) END`;

const recordSchema = z.object({
  monitor: z.array(monitorRowSchema),
  notices: z.array(runNoticeSchema).default([]),
});
const specSchema = z.object({ adapt: z.object({ epochs: z.int(), seeds: z.int() }) });

export interface SavedPoint {
  readonly pass: number | null;
  readonly passes: number | null;
  readonly savedAt: string | null;
  readonly notices: readonly RunNotice[];
}

/** Where a run would go on from: told from its files. */
export function savedPoint(project: Project, run: string): SavedPoint {
  const folder = join(project.paths.runs, run);
  const spec = read(join(folder, 'spec.json'), specSchema);
  let pass: number | null = null;
  const notices: RunNotice[] = [];
  for (let seed = 0; seed < (spec?.adapt.seeds ?? 0); seed++) {
    const record = read(join(folder, 'adapt', `seed-${seed}.json`), recordSchema);
    pass = record?.monitor.at(-1)?.epoch ?? pass;
    notices.push(...(record?.notices ?? []));
  }
  const savedAt = newest(folder);
  return {
    pass,
    passes: spec?.adapt.epochs ?? null,
    savedAt: savedAt === null ? null : new Date(savedAt).toISOString(),
    notices,
  };
}

/** When anything was last written below the folders of a run. */
function newest(folder: string): number | null {
  let time: number | null = null;
  for (const part of ['adapt', 'features', 'models', 'predictions']) {
    const inside = join(folder, part);
    if (!existsSync(inside)) continue;
    for (const name of readdirSync(inside)) {
      time = Math.max(time ?? 0, statSync(join(inside, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
    }
  }
  return time;
}

function read<S extends z.ZodType>(file: string, schema: S): z.infer<S> | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8'))) as z.infer<S>;
  } catch {
    return null;
  }
}
