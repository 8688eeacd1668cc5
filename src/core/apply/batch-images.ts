import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { ImagePool } from '../../images/pool.ts';
import { transact } from '../db/errors.ts';
import { imageNames, scanFolder } from '../library/scan.ts';
import type { StoredBatch } from './batches.ts';

/** Images of another folder become rows of their batch: looked at like others, never learned from, never a check. */
export async function readBatchImages(
  db: Database.Database,
  pool: ImagePool,
  { id: batch, folder }: StoredBatch,
  signal: AbortSignal,
): Promise<void> {
  if (folder === null) return;
  const { files } = scanFolder(folder);
  const known = new Set(
    db.prepare<[number], string>(`SELECT file FROM image WHERE role = 'batch' AND batch = ?`).pluck().all(batch),
  );
  const missing = files.filter(({ file }) => !known.has(file));
  const good = db.prepare(
    `INSERT INTO image (role, batch, file, state, bytes, modified, hash, type, width, height, bits, pages, thumbprint,
       red, green, blue)
     VALUES ('batch', @batch, @file, 'ok', @bytes, @modified, @hash, @type, @width, @height, @bits, @pages, @thumbprint,
       @red, @green, @blue)`,
  );
  const bad = db.prepare(
    `INSERT INTO image (role, batch, file, state, bytes, modified, failure_code, failure_reason)
     VALUES ('batch', ?, ?, 'unreadable', ?, ?, ?, ?)`,
  );
  const sources = missing.map(({ file }) => ({ path: join(folder, file) }));
  for await (const outcome of pool.inspectMany(sources, { signal })) {
    const { file, bytes, modified } = missing[outcome.index]!;
    transact(db, () => {
      if (outcome.ok) {
        const { meanColour, range: _, ...facts } = outcome.value;
        const [red, green, blue] = meanColour;
        good.run({ ...facts, batch, file, bytes, modified, red, green, blue });
      } else if (imageNames.test(file)) {
        bad.run(batch, file, bytes, modified, outcome.code, outcome.reason);
      }
    });
  }
}
