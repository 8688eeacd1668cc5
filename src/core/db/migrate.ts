import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { backUp } from './backup.ts';
import { orDiskFull, reasonOf } from './errors.ts';
import { applicationId, migrations, type Migration } from './schema.ts';

/**
 * Brings a database to the newest version, each step in its own transaction, after a backup.
 * @throws AppError `db.migration`, `project.diskFull`; the database is then as the last whole step left it
 */
export async function migrate(
  db: Database.Database,
  backups: string,
  isNew: boolean,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  const version = (): number => Number(db.pragma('user_version', { simple: true }));
  const missing = steps.filter(({ step }) => step > version());
  if (!missing.length) return;
  // A step may make a table anew; what points to it is checked as a whole when the step is done.
  db.pragma('foreign_keys = OFF');
  try {
    await migrateSteps(db, backups, isNew, missing);
  } finally {
    db.pragma('foreign_keys = ON');
  }
}

async function migrateSteps(
  db: Database.Database,
  backups: string,
  isNew: boolean,
  missing: readonly Migration[],
): Promise<void> {
  const backup = isNew ? 'none, the project is new' : await backUp(db, backups);
  for (const { step, sql } of missing) {
    try {
      db.transaction(() => {
        db.exec(sql);
        const broken = db.pragma('foreign_key_check') as unknown[];
        if (broken.length) throw new Error(`${broken.length} rows point to nothing`);
        db.pragma(`application_id = ${applicationId}`);
        db.pragma(`user_version = ${step}`);
      }).exclusive();
    } catch (error) {
      const full = orDiskFull(error);
      if (full instanceof AppError) throw full;
      throw new AppError('db.migration', { step, reason: reasonOf(error), backup }, { cause: error });
    }
  }
}
