import type Database from 'better-sqlite3';
import { listBackups, type AuditStamp } from '../db/backup.ts';
import type { Project, ProjectPaths } from '../db/open.ts';
import { classDetailSchema, type ClassRow } from '../classes/log.ts';
import { batchDigest, type LabelEvent } from '../labels/log.ts';
import { auditHead, canonicalJson, entryHash, type AuditRow } from './log.ts';
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
  /** Sentences, the earliest break first. */
  readonly problems: readonly string[];
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
    problems: breaks.map(({ sentence }) => sentence),
    brokenFrom: times[0] ?? null,
  };
}

function* brokenChain(rows: readonly AuditRow[]): Generator<Break> {
  let previous = '';
  let seq = 0;
  for (const row of rows) {
    seq++;
    if (row.seq !== seq) {
      yield { sentence: `Entry ${seq} is missing: the next one is ${row.seq}, of ${row.time}.`, time: row.time };
      seq = row.seq;
    }
    const entry = `Entry ${row.seq} of ${row.time}`;
    if (row.previous !== previous) yield { sentence: `${entry} does not follow the one before it.`, time: row.time };
    if (row.hash !== entryHash(row)) yield { sentence: `${entry} was changed.`, time: row.time };
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
      const sentence = `The labels of entry ${row.seq} of ${row.time} are not those that were given.`;
      yield { sentence, time: row.time };
    }
  }
  const batches = db.prepare<[], { id: number; time: string }>(`SELECT id, time FROM label_batch ORDER BY id`).all();
  for (const { id, time } of batches) if (!noted.has(id)) yield { sentence: `Labels of ${time} have no entry.`, time };
  const strays = db.prepare<[], { time: string }>(
    `SELECT time FROM (SELECT time, batch FROM label_event UNION ALL SELECT time, batch FROM class_event) AS event
     WHERE NOT EXISTS (SELECT 1 FROM label_batch WHERE id = event.batch AND time = event.time)`,
  );
  for (const { time } of strays.all()) yield { sentence: `A label of ${time} belongs to no act of that time.`, time };
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
    { what: 'label', replayed: labels, sql: `SELECT image, rater, kind, class, seq FROM label` },
    { what: 'note', replayed: notes, sql: `SELECT image, rater, text, seq FROM note` },
    { what: 'confirmation', replayed: confirmed, sql: `SELECT image, rater, class, seq FROM confirmed` },
  ];
  for (const { what, replayed, sql } of tables) {
    const current = stored(sql);
    for (const key of new Set([...replayed.keys(), ...current.keys()])) {
      if (replayed.get(key) === current.get(key)) continue;
      const [image] = JSON.parse(key) as [number, string];
      yield { sentence: `The ${what} of image ${image} is not the one in the log.` };
    }
  }
}

/** Folds the log of classes anew. A class from before there was one is as labels named it. */
function* brokenClasses(db: Database.Database): Generator<Break> {
  const replayed = new Map<number, ClassRow>();
  const details = db.prepare<[], string>(`SELECT detail FROM class_event ORDER BY seq`).pluck();
  for (const detail of details.iterate()) {
    const told = classDetailSchema.safeParse(parsed(detail));
    if (!told.success) return yield { sentence: 'The log of classes cannot be read.' };
    for (const row of told.data.after) replayed.set(row.id, row);
  }
  // As it stands, whatever stands there.
  const stored = db.prepare<[], ClassRow>(`SELECT id, key, name, position, counts_as, removed FROM class ORDER BY id`);
  for (const row of stored.all()) {
    const known = replayed.get(row.id) ?? { ...row, name: row.key, counts_as: row.id, removed: 0 };
    if (canonicalJson(known) !== canonicalJson(row)) {
      yield { sentence: `The class ${row.name} is not the one in the log.` };
    }
    replayed.delete(row.id);
  }
  for (const { name } of replayed.values()) {
    yield { sentence: `The class ${name} is in the log and not in the project.` };
  }
  const unknown = db.prepare<[], string>(
    `SELECT DISTINCT class FROM label_event WHERE class IS NOT NULL AND class NOT IN (SELECT key FROM class)`,
  );
  for (const key of unknown.pluck().all()) yield { sentence: `Labels name the class ${key}, which is not there.` };
}

/** A log that was cut short no longer holds the entry something was stamped with. */
function* missingStamps(rows: readonly AuditRow[], paths: Pick<ProjectPaths, 'backups' | 'stamps'>): Generator<Break> {
  const backups = listBackups(paths.backups).map((backup) => ({ ...backup, of: `the backup of ${backup.createdAt}` }));
  const exports = keptStamps(paths.stamps).map((kept) => ({
    ...kept,
    createdAt: kept.at,
    of: `the export of ${kept.what} of ${kept.at}`,
  }));
  for (const { of, createdAt, ...stamp } of [...backups, ...exports]) yield* stampBreak(rows, stamp, of, createdAt);
}

/**
 * Whether the log still holds what something was stamped with.
 * @param of what was stamped, in words
 * @param time when
 */
export function* stampBreak(
  rows: readonly AuditRow[],
  { entries, head }: AuditStamp,
  of: string,
  time?: string,
): Generator<Break> {
  if (entries === 0) return;
  const row = rows.find(({ seq }) => seq === entries);
  if (!row) {
    const sentence = `The log ends before entry ${entries}, which ${of} holds.`;
    yield { sentence, ...(time === undefined ? {} : { time }) };
  } else if (row.hash !== head) {
    yield { sentence: `Entry ${entries} differs from the one in ${of}.`, time: row.time };
  }
}
