import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { imagesChanged } from '../views/stamps.ts';
import { readSetting, writeSetting, type ImportSetting } from './paths.ts';

const key = 'settled';

/** What groups, sides and labels of the library as it is were told from. */
function markOf(setting: ImportSetting): string {
  const table = setting.labels === null ? undefined : statSync(setting.labels, { throwIfNoEntry: false });
  return JSON.stringify([setting, table?.size ?? null, table?.mtimeMs ?? null]);
}

/** To be called in the transaction of each piece that an import reads: groups, sides and labels follow later. */
export function unsettle(db: Database.Database): void {
  db.prepare(`DELETE FROM setting WHERE key = ?`).run(key);
  imagesChanged(db);
}

/** Groups, sides and labels are those of the images that are there. */
export const settle = (db: Database.Database, setting: ImportSetting): void => writeSetting(db, key, markOf(setting));

/** Nothing has come in, nothing is asked otherwise: looking again at a large library ends here. */
export const isSettled = (db: Database.Database, setting: ImportSetting): boolean =>
  readSetting(db, key) === markOf(setting);
