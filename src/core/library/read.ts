import type Database from 'better-sqlite3';
import type { ImagePool } from '../../images/pool.ts';
import type { ImageFacts, ImageOutcome } from '../../images/types.ts';
import { transact } from '../db/errors.ts';
import { breathe } from './breathe.ts';
import { imageNames, type FoundFile, type Scan } from './scan.ts';
import { unsettle } from './settled.ts';

/** A folder of a project, and what was found in it. */
export interface Source {
  readonly role: 'main' | 'adapt-only';
  /** Which of those of its role: `batch` of its images. */
  readonly batch: number;
  readonly folder: string;
  readonly scan: Scan;
}
export interface ReadCounts {
  added: number;
  changed: number;
  gone: number;
  back: number;
  /** Files under another name than before, with the same content. */
  moved: number;
}

interface KnownRow {
  readonly id: number;
  readonly file: string;
  readonly bytes: number;
  readonly modified: number;
  readonly state: 'ok' | 'unreadable' | 'gone';
  readonly hash: string | null;
  readonly failure_code: string | null;
}

/** Files of one commit: what an interrupted import loses at most, and what a label may have to wait for. */
const chunkLength = 50;
/** Rows that are looked at in one go. */
const pageLength = 5000;
/** May be different the next time though the file is the same. */
const passingFailures = new Set(['timed-out', 'decoder-died', 'no-permission', 'missing']);

/**
 * Brings the table of images in line with a folder: reads what is new or changed, notices what is gone.
 * Rows are written in the order of names, in chunks, so that an interrupted import continues with the same ids.
 */
export async function readImages(
  db: Database.Database,
  pool: ImagePool,
  source: Source,
  counts: ReadCounts,
  options: {
    signal?: AbortSignal | undefined;
    onProgress: (done: number, all: number) => void;
    written?: (() => void) | undefined;
  },
): Promise<void> {
  const { folder, scan } = source;
  const known = await knownRows(db, source);
  await noticeGone(db, known, scan, counts);
  transact(db, () => writeOutside(db, source));
  const toRead = scan.files.filter((file) => needsReading(known.get(file.file), file));
  const writer = rowWriter(db, source);
  const waiting = new Map<number, ImageOutcome<ImageFacts>>();
  let next = 0;
  const commit = (): void => {
    if (!waiting.has(next)) return options.onProgress(next, toRead.length);
    transact(db, () => {
      let isWritten = false;
      for (let outcome = waiting.get(next); outcome; outcome = waiting.get(next)) {
        const found = toRead[next] as FoundFile;
        isWritten = writer.write(found, known.get(found.file), outcome, counts) || isWritten;
        waiting.delete(next++);
      }
      if (isWritten) unsettle(db);
    });
    options.written?.();
    options.onProgress(next, toRead.length);
  };
  const sources = toRead.map(({ file }) => ({ path: `${folder}/${file}` }));
  try {
    for await (const outcome of pool.inspectMany(sources, { signal: options.signal })) {
      waiting.set(outcome.index, outcome);
      if (waiting.size >= chunkLength) commit();
    }
  } finally {
    commit();
  }
}

function needsReading(row: KnownRow | undefined, found: FoundFile): boolean {
  if (!row || row.bytes !== found.bytes || row.modified !== found.modified) return true;
  if (row.state === 'gone') return row.hash === null;
  return row.state === 'unreadable' && passingFailures.has(row.failure_code ?? '');
}

/** In pages: a million rows in one go would hold up every label for seconds. */
async function knownRows(db: Database.Database, { role, batch }: Source): Promise<Map<string, KnownRow>> {
  const known = new Map<string, KnownRow>();
  const page = db.prepare<[string, number, number, number], KnownRow>(
    `SELECT id, file, bytes, modified, state, hash, failure_code FROM image
     WHERE role = ? AND batch = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  for (let last = 0; ;) {
    const rows = page.all(role, batch, last, pageLength);
    for (const row of rows) known.set(row.file, row);
    if (rows.length < pageLength) return known;
    last = rows.at(-1)?.id ?? last;
    await breathe();
  }
}

async function noticeGone(
  db: Database.Database,
  known: ReadonlyMap<string, KnownRow>,
  scan: Scan,
  counts: ReadCounts,
): Promise<void> {
  const present = new Map<string, FoundFile>();
  for (const found of [...scan.files, ...scan.outside]) {
    present.set(found.file, found);
    if (present.size % pageLength === 0) await breathe();
  }
  const changes: { id: number; state: 'gone' | 'ok' }[] = [];
  let seen = 0;
  for (const row of known.values()) {
    if (++seen % pageLength === 0) await breathe();
    const found = present.get(row.file);
    if (!found && row.state !== 'gone') {
      changes.push({ id: row.id, state: 'gone' });
      if (row.state === 'ok') counts.gone++;
    } else if (found && row.state === 'gone' && !needsReading(row, found)) {
      changes.push({ id: row.id, state: 'ok' });
      counts.back++;
    }
  }
  const setState = db.prepare(`UPDATE image SET state = ? WHERE id = ?`);
  for (let done = 0; done < changes.length; done += chunkLength) {
    transact(db, () => {
      for (const { id, state } of changes.slice(done, done + chunkLength)) setState.run(state, id);
      unsettle(db);
    });
    await breathe();
  }
}

function writeOutside(db: Database.Database, { role, batch, scan }: Source): void {
  const insert = db.prepare(
    `INSERT INTO image (role, batch, file, state, bytes, modified, failure_code, failure_reason)
     VALUES (?, ?, ?, 'unreadable', ?, ?, 'outside-folder', 'a link that leads out of the folder; it is not followed')
     ON CONFLICT (role, batch, file, page) DO UPDATE SET
       state = excluded.state, failure_code = excluded.failure_code, failure_reason = excluded.failure_reason`,
  );
  for (const { file, bytes, modified } of scan.outside) insert.run(role, batch, file, bytes, modified);
}

function rowWriter(db: Database.Database, { role, batch }: Source) {
  const good = db.prepare(
    `INSERT INTO image (role, batch, file, state, bytes, modified, hash, type, width, height, bits, pages, thumbprint,
       red, green, blue, range_low, range_high)
     VALUES (@role, @batch, @file, 'ok', @bytes, @modified, @hash, @type, @width, @height, @bits, @pages, @thumbprint,
       @red, @green, @blue, @low, @high)
     ON CONFLICT (role, batch, file, page) DO UPDATE SET
       state = 'ok', bytes = excluded.bytes, modified = excluded.modified, hash = excluded.hash, type = excluded.type,
       width = excluded.width, height = excluded.height, bits = excluded.bits, pages = excluded.pages,
       thumbprint = excluded.thumbprint, red = excluded.red, green = excluded.green, blue = excluded.blue,
       range_low = excluded.range_low, range_high = excluded.range_high, failure_code = NULL, failure_reason = NULL,
       changed_at = CASE WHEN image.hash IS NOT NULL AND image.hash <> excluded.hash THEN @now ELSE image.changed_at END`,
  );
  const bad = db.prepare(
    `INSERT INTO image (role, batch, file, state, bytes, modified, failure_code, failure_reason)
     VALUES (@role, @batch, @file, 'unreadable', @bytes, @modified, @code, @reason)
     ON CONFLICT (role, batch, file, page) DO UPDATE SET
       state = 'unreadable', bytes = excluded.bytes, modified = excluded.modified,
       failure_code = excluded.failure_code, failure_reason = excluded.failure_reason`,
  );
  const findGone = db.prepare<[string, string], { id: number }>(
    `SELECT id FROM image WHERE role = ? AND state = 'gone' AND hash = ? ORDER BY id LIMIT 1`,
  );
  const adopt = db.prepare(
    `UPDATE image SET batch = @batch, file = @file, state = 'ok', bytes = @bytes, modified = @modified WHERE id = @id`,
  );
  return {
    write: (
      { file, bytes, modified }: FoundFile,
      row: KnownRow | undefined,
      outcome: ImageOutcome<ImageFacts>,
      counts: ReadCounts,
    ): boolean => {
      const base = { role, batch, file, bytes, modified };
      if (!outcome.ok) {
        const { code, reason } = outcome;
        // Somebody's notes, or a file that went away while it was read.
        const isOther = (code === 'not-an-image' || code === 'empty') && !imageNames.test(file);
        if (!row && (isOther || code === 'missing')) return false;
        bad.run({ ...base, code, reason });
        return true;
      }
      const { hash, type, width, height, bits, pages, thumbprint, meanColour, range } = outcome.value;
      const gone = row ? undefined : findGone.get(role, hash);
      if (gone) {
        // The same picture under another name keeps its labels and its side.
        adopt.run({ batch, file, bytes, modified, id: gone.id });
        counts.moved++;
        return true;
      }
      const [red, green, blue] = meanColour;
      const [low, high] = range ?? [null, null];
      const now = new Date().toISOString();
      good.run({ ...base, hash, type, width, height, bits, pages, thumbprint, red, green, blue, low, high, now });
      if (row?.state === 'ok' || (row?.state === 'gone' && row.hash !== null)) {
        if (row.hash !== hash) counts.changed++;
      } else counts.added++;
      return true;
    },
  };
}
