import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { AuditProblem } from '../../contract/audit.ts';
import { readSetting } from '../library/paths.ts';
import { resultHashes } from '../runs/result-hashes.ts';
import { sidesDigest } from '../splits/sides-digest.ts';
import { headKey, type AuditRow } from './log.ts';

/** Something that does not match. */
export interface Break extends Pick<AuditProblem, 'code' | 'named'> {
  /** When it begins, where that can be told. */
  readonly time?: string;
}

/** What an entry tells; nothing where it was damaged. */
export function parsed(payload: string): Record<string, unknown> {
  try {
    const told: unknown = JSON.parse(payload);
    return typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

interface RunColumns {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly chosen: string | null;
  readonly seenAt: string | null;
}

/** States whose beginning is an entry. */
const toldStates = new Set(['finished', 'cancelled', 'stopped', 'failed', 'interrupted']);

/** Runs are those the log tells of, as it tells of them: how they ended, who saw them, which model was chosen. */
export function* brokenRuns(db: Database.Database, rows: readonly AuditRow[]): Generator<Break> {
  const told = new Map<string, { kind?: unknown; state?: string; chosen?: string; seen?: { at: unknown } }>();
  for (const { kind, payload } of rows) {
    if (kind !== 'run' && kind !== 'seen' && kind !== 'choose') continue;
    const entry = parsed(payload);
    const id = String(entry['run'] ?? '');
    const isNew = kind === 'run' && entry['event'] === 'created';
    // The number of a run that was removed may be given again.
    const known = isNew ? {} : (told.get(id) ?? {});
    // The first who saw them.
    if (kind === 'seen') known.seen ??= { at: entry['at'] };
    else if (kind === 'choose') known.chosen = String(entry['arm']);
    else if (isNew) known.kind = entry['kind'];
    else known.state = String(entry['event']);
    if (kind === 'run' || told.has(id)) told.set(id, known);
  }
  const stored = db
    .prepare<[], RunColumns>(`SELECT id, kind, state, chosen, seen_at AS seenAt FROM run ORDER BY id`)
    .all();
  for (const { id, kind, state, chosen, seenAt } of stored) {
    const entry = told.get(id);
    told.delete(id);
    if (!entry) {
      yield { code: 'runUntold', named: { run: id } };
      continue;
    }
    const isToldSo =
      kind === entry.kind &&
      (toldStates.has(state) ? state === entry.state : !['finished', 'stopped'].includes(entry.state ?? '')) &&
      chosen === (entry.chosen ?? null) &&
      // Entries of before it was kept do not say when.
      (entry.seen ? seenAt !== null && (entry.seen.at ?? seenAt) === seenAt : seenAt === null);
    if (!isToldSo) yield { code: 'runOther', named: { run: id } };
  }
  for (const [id, { state }] of told) {
    if (state !== 'removed') yield { code: 'runGone', named: { run: id } };
  }
}

/** The files with a run's results are those it ended with. */
export function* brokenResults(rows: readonly AuditRow[], runs: string): Generator<Break> {
  const told = new Map<string, { files: object; time: string }>();
  for (const { kind, time, payload } of rows) {
    if (kind !== 'run') continue;
    const { run, event, files } = parsed(payload);
    const id = String(run);
    if (event === 'created' || event === 'removed') told.delete(id);
    // Entries of before they were kept hold none.
    else if (typeof files === 'object' && files !== null) told.set(id, { files, time });
  }
  for (const [run, { files, time }] of told) {
    const now = resultHashes(join(runs, run));
    const changed = Object.entries(files).flatMap(([name, hash]) => (now[name] === hash ? [] : [name]));
    if (changed.length > 0) yield { code: 'resultsOther', named: { run, files: changed.join(', ') }, time };
  }
}

/** Every application of a model has its entry. */
export function* brokenApplied(db: Database.Database, rows: readonly AuditRow[]): Generator<Break> {
  const told = new Set(
    rows
      .filter(({ kind }) => kind === 'apply')
      .map(({ payload }) => parsed(payload))
      .map((entry) => JSON.stringify([entry['run'], entry['arm'], entry['other']])),
  );
  const stored = db
    .prepare<[], { id: number; run: string; arm: string; folder: string | null }>(
      `SELECT id, run, arm, folder FROM batch ORDER BY id`,
    )
    .all();
  for (const { run, arm, folder } of stored) {
    if (told.has(JSON.stringify([run, arm, folder !== null]))) continue;
    yield { code: 'appliedUntold', named: { run } };
  }
}

/** Every image is on the side it was put on. */
export function* brokenSides(db: Database.Database, rows: readonly AuditRow[]): Generator<Break> {
  const last = rows.findLast(({ kind }) => kind === 'split');
  const digest = last && parsed(last.payload)['digest'];
  // Splits of before their digest was kept tell only how many.
  if (!last || digest === undefined || digest === sidesDigest(db)) return;
  yield { code: 'sidesOther', named: { entry: last.seq, time: last.time }, time: last.time };
}

/** The end of the log is where it was left. */
export function* brokenHead(db: Database.Database, rows: readonly AuditRow[]): Generator<Break> {
  const kept = readSetting(db, headKey) as { entries?: unknown; head?: unknown } | undefined;
  const last = rows.at(-1);
  if (kept === undefined || (kept.entries === last?.seq && kept.head === last?.hash)) return;
  yield { code: 'headOther', named: { entry: String(kept.entries) } };
}
