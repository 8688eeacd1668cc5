import type Database from 'better-sqlite3';
import { z } from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { AppError } from '../../contract/errors.ts';
import {
  runAboutSchema,
  runOptionsSchema,
  runRowSchema,
  type RunAbout,
  type RunOptions,
  type RunRow,
  type RunState,
} from '../../contract/runs.ts';
import { appendAudit } from '../audit/log.ts';
import { transact } from '../db/errors.ts';
import { activeStates, transitions } from './states.ts';

/** What a run was started with, kept to tell later. */
const startedWithSchema = z.object({
  options: runOptionsSchema,
  /** What was changed against the options, in sentences that go with the results. */
  notes: z.array(z.string()),
  about: runAboutSchema.optional(),
  /** What a person calls it, and wrote about it. */
  name: z.string().optional(),
  note: z.string().optional(),
});
export type StartedWith = z.infer<typeof startedWithSchema>;

/** A row with what only core needs to know. */
export interface StoredRun extends RunRow {
  readonly startedWith: StartedWith;
  /** Working time in seconds, without pauses. */
  readonly seconds: number;
}

interface Columns {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly summary: string;
  readonly fraction: number;
  readonly error: string | null;
  readonly error_code: string | null;
  readonly options: string;
  readonly seconds: number;
}

function toRun(row: Columns): StoredRun {
  const startedWith = startedWithSchema.parse(JSON.parse(row.options));
  const named = { createdAt: row.created_at, finishedAt: row.finished_at, errorCode: row.error_code };
  return {
    ...runRowSchema.parse({ ...row, ...named, about: startedWith.about }),
    startedWith,
    seconds: row.seconds,
  };
}

/** Without what only core needs to know. */
export const publicRow = (run: StoredRun): RunRow => runRowSchema.parse(run);

/** Newest first. */
export const listRuns = (db: Database.Database): StoredRun[] =>
  db.prepare<[], Columns>(`SELECT * FROM run ORDER BY created_at DESC, rowid DESC`).all().map(toRun);

/** @throws AppError `run.unknown` */
export function findRun(db: Database.Database, id: string): StoredRun {
  const row = db.prepare<[string], Columns>(`SELECT * FROM run WHERE id = ?`).get(id);
  if (!row) throw new AppError('run.unknown', { run: id });
  return toRun(row);
}

/**
 * The run that is meant: the named one, or the newest that fits, or the newest of all where none does.
 * @throws AppError `run.unknown`, `run.none`
 */
export function chooseRun(db: Database.Database, id: string | undefined, fits: (run: StoredRun) => boolean): StoredRun {
  if (id !== undefined) return findRun(db, id);
  const runs = listRuns(db);
  const found = runs.find(fits) ?? runs[0];
  if (!found) throw new AppError('run.none');
  return found;
}

/** Kinds of runs that end with a comparison. */
export const comparing: readonly RunRow['kind'][] = ['one-click', 'finetune'];

/**
 * The run whose results are meant: the named one, or the newest finished comparison.
 * @throws AppError `run.unknown`, `run.none`
 */
export const chooseComparison = (db: Database.Database, id: string | undefined): StoredRun =>
  chooseRun(db, id, ({ kind, state }) => state === 'finished' && comparing.includes(kind));

/** Number of the day and of the run on it, such as `20260503-1`. */
export function newRunId(db: Database.Database, now = new Date()): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const ids = db.prepare<[string], string>(`SELECT id FROM run WHERE id LIKE ?`).pluck().all(`${day}-%`);
  return `${day}-${1 + Math.max(0, ...ids.map((id) => Number(id.slice(day.length + 1))))}`;
}

export interface NewRun {
  readonly id: string;
  readonly kind: RunRow['kind'];
  readonly createdAt: string;
  readonly summary: string;
  readonly about?: RunAbout;
  readonly options: RunOptions;
  readonly notes: readonly string[];
  /** Version of the split its manifest is made from. */
  readonly split: number;
  /** Labels it is made with. */
  readonly labels?: number;
}

/** A run is a row before it is a process. */
export function insertRun(db: Database.Database, run: NewRun): StoredRun {
  transact(db, () => {
    db.prepare(
      `INSERT INTO run (id, kind, state, created_at, summary, options, split, labels, label_seq)
       VALUES (?, ?, 'planned', ?, ?, ?, ?, ?, (SELECT ifnull(max(seq), 0) FROM label_event))`,
    ).run(
      run.id,
      run.kind,
      run.createdAt,
      run.summary,
      JSON.stringify({ options: run.options, notes: run.notes, about: run.about }),
      run.split,
      run.labels ?? null,
    );
    const { project: _, ...options } = run.options;
    appendAudit(db, 'run', { run: run.id, event: 'created', kind: run.kind, options, version: packageJson.version });
  });
  return findRun(db, run.id);
}

/** Runs that this version of the app made from the first, the newest first. */
export const runsOfThisVersion = (db: Database.Database): StoredRun[] => {
  const made = db
    .prepare<[string], string>(
      `SELECT DISTINCT payload ->> 'run' FROM audit
       WHERE kind = 'run' AND payload ->> 'event' = 'created' AND payload ->> 'version' = ?`,
    )
    .pluck()
    .all(packageJson.version);
  const ids = new Set(made);
  return listRuns(db).filter(({ id }) => ids.has(id));
};

/** An entry of what a run took from earlier ones instead of computing it again. */
export const tellTaken = (db: Database.Database, run: string, from: readonly string[]): void =>
  transact(db, () => {
    for (const other of from) appendAudit(db, 'run', { run, event: 'taken', from: other });
  });

export interface Change {
  readonly error?: string | null;
  readonly errorCode?: string | null;
  readonly summary?: string;
  readonly fraction?: number;
  /** Working time to add. */
  readonly seconds?: number;
  /** Hashes of the files with its results. */
  readonly files?: Readonly<Record<string, string>>;
}

const audited: Partial<Record<RunState, string>> = {
  finished: 'finished',
  cancelled: 'cancelled',
  stopped: 'stopped',
  failed: 'failed',
  interrupted: 'interrupted',
};

/**
 * Takes a run to another state, with an entry in the audit log where it ends.
 * @throws AppError `run.stateJump` where the state machine has no such way
 */
export function changeState(db: Database.Database, id: string, to: RunState, change: Change = {}): StoredRun {
  return transact(db, () => {
    const run = findRun(db, id);
    if (!transitions[run.state].includes(to)) throw new AppError('run.stateJump', { from: run.state, to });
    const finishedAt = to === 'finished' || to === 'stopped' || to === 'cancelled' ? new Date().toISOString() : null;
    db.prepare(
      `UPDATE run SET state = ?, finished_at = ?, error = ?, error_code = ?, summary = ?, fraction = ?, seconds = seconds + ? WHERE id = ?`,
    ).run(
      to,
      finishedAt,
      change.error ?? null,
      change.errorCode ?? null,
      change.summary ?? run.summary,
      Math.max(run.fraction, change.fraction ?? 0),
      change.seconds ?? 0,
      id,
    );
    const event = audited[to];
    if (event) appendAudit(db, 'run', { run: id, event, error: change.error ?? undefined, files: change.files });
    return findRun(db, id);
  });
}

/** Adds a sentence that goes with the results. */
export function addNote(db: Database.Database, id: string, note: string): void {
  const { startedWith } = findRun(db, id);
  const options = JSON.stringify({ ...startedWith, notes: [...startedWith.notes, note] });
  db.prepare(`UPDATE run SET options = ? WHERE id = ?`).run(options, id);
}

/** What a person calls a run and writes about it; an empty text takes it away. */
export function describeRun(db: Database.Database, id: string, said: { name?: string; note?: string }): void {
  const { startedWith } = findRun(db, id);
  const given = Object.entries(said).map(([key, text]) => [key, text.trim() || undefined] as const);
  const options = JSON.stringify({ ...startedWith, ...Object.fromEntries(given) });
  db.prepare(`UPDATE run SET options = ? WHERE id = ?`).run(options, id);
}

/**
 * Takes the row of a run that is over out of the project.
 * @throws AppError `run.unknown`, `run.busy`, `run.inUse`
 */
export function removeRun(db: Database.Database, id: string, rater: string): void {
  transact(db, () => {
    const { state } = findRun(db, id);
    if (activeStates.some((active) => active === state)) throw new AppError('run.busy', { run: id });
    const batches = db.prepare<[string], number>(`SELECT count(*) FROM batch WHERE run = ?`).pluck().get(id) ?? 0;
    if (batches > 0) throw new AppError('run.inUse', { run: id });
    db.prepare(`DELETE FROM run WHERE id = ?`).run(id);
    appendAudit(db, 'run', { run: id, event: 'removed', rater });
  });
}

export function saveFraction(db: Database.Database, id: string, fraction: number): void {
  db.prepare(`UPDATE run SET fraction = max(fraction, ?) WHERE id = ?`).run(fraction, id);
}

/**
 * Rows that a dead process left behind: what it was cancelling is cancelled, the rest was interrupted and can go on.
 * @param alive runs this process works on
 */
export function settleInterrupted(db: Database.Database, alive: ReadonlySet<string>): void {
  const rows = db.prepare<[], { id: string; state: string }>(`SELECT id, state FROM run ORDER BY rowid DESC`).all();
  for (const { id, state } of rows) {
    if (!activeStates.some((active) => active === state) || alive.has(id)) continue;
    changeState(db, id, 'interrupted');
    if (state === 'cancel-requested' || state === 'stopping') changeState(db, id, 'cancelled');
  }
}
