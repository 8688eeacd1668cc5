import type Database from 'better-sqlite3';
import type { AuditProblem } from '../../contract/audit.ts';
import { listBackups, type AuditStamp } from '../db/backup.ts';
import type { Project, ProjectPaths } from '../db/open.ts';
import { classDetailSchema, type ClassRow } from '../classes/log.ts';
import { batchDigest, type LabelEvent } from '../labels/log.ts';
import { auditHead, canonicalJson, entryHash, type AuditRow } from './log.ts';
import { inEnglish } from './problem-words.ts';
import { keptStamps } from './stamps.ts';
import {
  brokenApplied,
  brokenHead,
  brokenResults,
  brokenRuns,
  brokenSides,
  parsed,
  type Break,
} from './verify-tables.ts';

export interface AuditReport {
  readonly ok: boolean;
  readonly entries: number;
  readonly head: string;
  /** The earliest break first. */
  readonly problems: readonly AuditProblem[];
  /** When what does not match begins, where that can be told. */
  readonly brokenFrom: string | null;
}

/** More of one kind say nothing new. */
const mostProblems = 20;

export const auditRows = (db: Database.Database): AuditRow[] =>
  db.prepare<[], AuditRow>(`SELECT * FROM audit ORDER BY seq`).all();

/**
 * Recomputes the chain, compares what it says with the label log, replays the log and compares with the current
 * labels, and looks for the stamps of backups and exports in the chain. Changes nothing.
 * @param more what was found elsewhere
 */
export function verifyAudit({ db, paths }: Pick<Project, 'db' | 'paths'>, more: readonly Break[] = []): AuditReport {
  const rows = auditRows(db);
  const breaks: Break[] = [
    ...brokenChain(rows),
    ...brokenBatches(db, rows),
    ...brokenView(db),
    ...brokenClasses(db),
    ...brokenRuns(db, rows),
    ...brokenResults(rows, paths.runs),
    ...brokenApplied(db, rows),
    ...brokenSides(db, rows),
    ...brokenHead(db, rows),
    ...missingStamps(rows, paths),
    ...more,
  ].slice(0, mostProblems);
  const times = breaks.flatMap(({ time }) => time ?? []).sort();
  return {
    ok: breaks.length === 0,
    ...auditHead(db),
    problems: breaks.map(({ code, named }) => ({ code, named, sentence: inEnglish(code, named) })),
    brokenFrom: times[0] ?? null,
  };
}

function* brokenChain(rows: readonly AuditRow[]): Generator<Break> {
  let previous = '';
  let seq = 0;
  for (const row of rows) {
    seq++;
    if (row.seq !== seq) {
      yield { code: 'entryMissing', named: { entry: seq, next: row.seq, time: row.time }, time: row.time };
      seq = row.seq;
    }
    const { time } = row;
    const named = { entry: row.seq, time };
    if (row.previous !== previous) yield { code: 'entryOrder', named, time };
    if (row.hash !== entryHash(row)) yield { code: 'entryChanged', named, time };
    previous = row.hash;
  }
}

/** Every batch of labels has its entry, and its events are those the entry was written for. */
function* brokenBatches(db: Database.Database, rows: readonly AuditRow[]): Generator<Break> {
  const noted = new Set<number>();
  const told = db.prepare<[number], { rater: string; kind: string; target: number | null }>(
    `SELECT rater, kind, target FROM label_batch WHERE id = ?`,
  );
  for (const row of rows) {
    if (row.kind !== 'labels') continue;
    const entry = parsed(row.payload);
    const batch = Number(entry['batch']);
    noted.add(batch);
    const { count, digest } = batchDigest(db, batch);
    const stored = told.get(batch);
    const same =
      stored?.rater === entry['rater'] && stored?.kind === entry['kind'] && stored?.target === entry['target'];
    if (digest !== entry['digest'] || count !== entry['count'] || !same) {
      yield { code: 'labelsOther', named: { entry: row.seq, time: row.time }, time: row.time };
    }
  }
  const batches = db.prepare<[], { id: number; time: string }>(`SELECT id, time FROM label_batch ORDER BY id`).all();
  for (const { id, time } of batches) if (!noted.has(id)) yield { code: 'labelsUntold', named: { time }, time };
  const strays = db.prepare<[], { time: string }>(
    `SELECT time FROM (SELECT time, batch FROM label_event UNION ALL SELECT time, batch FROM class_event) AS event
     WHERE NOT EXISTS (SELECT 1 FROM label_batch WHERE id = event.batch AND time = event.time)`,
  );
  for (const { time } of strays.all()) yield { code: 'labelStray', named: { time }, time };
}

/** Folds the label log anew and compares with the tables of current labels and notes. */
function* brokenView(db: Database.Database): Generator<Break> {
  const labels = new Map<string, string>();
  const notes = new Map<string, string>();
  const confirmed = new Map<string, string>();
  const events = db.prepare<[], LabelEvent>(`SELECT * FROM label_event ORDER BY seq`);
  for (const { image, rater, kind, class: name, text, seq } of events.iterate()) {
    const key = JSON.stringify([image, rater]);
    if (kind === 'note') {
      if (text) notes.set(key, JSON.stringify([text, seq]));
      else notes.delete(key);
    } else if (kind === 'confirm') confirmed.set(key, JSON.stringify([name ?? '', seq]));
    else if (kind === 'unconfirm') confirmed.delete(key);
    else if (kind === 'clear') labels.delete(key);
    else labels.set(key, JSON.stringify([kind, name ?? null, seq]));
  }
  const stored = (sql: string): Map<string, string> =>
    new Map(
      db
        .prepare<[], [number, string, ...unknown[]]>(sql)
        .raw()
        .all()
        .map(([image, rater, ...value]) => [JSON.stringify([image, rater]), JSON.stringify(value)]),
    );
  const tables = [
    { code: 'labelView', replayed: labels, sql: `SELECT image, rater, kind, class, seq FROM label` },
    { code: 'noteView', replayed: notes, sql: `SELECT image, rater, text, seq FROM note` },
    { code: 'confirmationView', replayed: confirmed, sql: `SELECT image, rater, class, seq FROM confirmed` },
  ] as const;
  for (const { code, replayed, sql } of tables) {
    const current = stored(sql);
    for (const key of new Set([...replayed.keys(), ...current.keys()])) {
      if (replayed.get(key) === current.get(key)) continue;
      const [image] = JSON.parse(key) as [number, string];
      yield { code, named: { image } };
    }
  }
}

/** Folds the log of classes anew. A class from before there was one is as labels named it. */
function* brokenClasses(db: Database.Database): Generator<Break> {
  const replayed = new Map<number, ClassRow>();
  const details = db.prepare<[], string>(`SELECT detail FROM class_event ORDER BY seq`).pluck();
  for (const detail of details.iterate()) {
    const told = classDetailSchema.safeParse(parsed(detail));
    if (!told.success) return yield { code: 'classesUnreadable', named: {} };
    for (const row of told.data.after) replayed.set(row.id, row);
  }
  // As it stands, whatever stands there.
  const stored = db.prepare<[], ClassRow>(`SELECT id, key, name, position, counts_as, removed FROM class ORDER BY id`);
  for (const row of stored.all()) {
    const known = replayed.get(row.id) ?? { ...row, name: row.key, counts_as: row.id, removed: 0 };
    if (canonicalJson(known) !== canonicalJson(row)) {
      yield { code: 'classOther', named: { class: row.name } };
    }
    replayed.delete(row.id);
  }
  for (const { name } of replayed.values()) {
    yield { code: 'classGone', named: { class: name } };
  }
  const unknown = db.prepare<[], string>(
    `SELECT DISTINCT class FROM label_event WHERE class IS NOT NULL AND class NOT IN (SELECT key FROM class)`,
  );
  for (const key of unknown.pluck().all()) yield { code: 'classUnknown', named: { class: key } };
}

/** A log that was cut short no longer holds the entry something was stamped with. */
function* missingStamps(rows: readonly AuditRow[], paths: Pick<ProjectPaths, 'backups' | 'stamps'>): Generator<Break> {
  for (const { createdAt: time, ...stamp } of listBackups(paths.backups)) {
    yield* stampBreak(rows, stamp, { of: 'backup', named: { time }, time });
  }
  for (const { at: time, what, ...stamp } of keptStamps(paths.stamps)) {
    yield* stampBreak(rows, stamp, { of: 'export', named: { what, time }, time });
  }
}

/** What holds a stamp: its kind, what it is called by in the sentence, and when it was made, where that is known. */
export interface Stamped extends Pick<Break, 'named' | 'time'> {
  readonly of: 'backup' | 'export' | 'file';
}

/** Whether the log still holds what something was stamped with. */
export function* stampBreak(
  rows: readonly AuditRow[],
  { entries: entry, head }: AuditStamp,
  { of, named, time }: Stamped,
): Generator<Break> {
  if (entry === 0) return;
  const row = rows.find(({ seq }) => seq === entry);
  const at = { ...named, entry };
  if (!row) yield { code: `${of}Cut`, named: at, ...(time === undefined ? {} : { time }) };
  else if (row.hash !== head) yield { code: `${of}Differs`, named: at, time: row.time };
}
