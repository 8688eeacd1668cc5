/** Thread that does one task on a whole library and ends. */
// A thread of the window's core inherits no `--import`.
import '../../guard/no-network.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../contract/errors.ts';
import { openForReading } from '../db/reading.ts';
import { giveWay } from '../give-way.ts';
import { findFamilies, type Look } from './families.ts';
import { folderFacts } from './look/folder.ts';
import { scanFolder } from './scan.ts';
import {
  packScan,
  type FamilyChanges,
  type TaskAnswer,
  type TaskKind,
  type TaskQuestion,
  type Tasks,
} from './thread.ts';

giveWay();
const tasks: { [K in TaskKind]: (ask: Tasks[K]['ask']) => Tasks[K]['answer'] } = {
  scan: (folder) => packScan(scanFolder(folder)),
  folder: folderFacts,
  families: familyChanges,
};

/** Families as they should be, where the database has them otherwise. */
function familyChanges(database: string): FamilyChanges {
  const db = openForReading(database);
  try {
    const looks = db
      .prepare<[], Look & { family: number | null }>(
        `SELECT id, hash, width, height, thumbprint, red, green, blue, family FROM image
         WHERE hash IS NOT NULL AND role <> 'batch' ORDER BY id`,
      )
      .all();
    const familyOf = findFamilies(looks);
    const changes = looks.flatMap(({ id, family }) => {
      const found = familyOf.get(id) ?? null;
      return found === family ? [] : [id, found ?? 0];
    });
    return Int32Array.from(changes);
  } finally {
    db.close();
  }
}

function answer({ kind, ask }: TaskQuestion): TaskAnswer {
  try {
    return { ok: true, answer: (tasks[kind] as (ask: unknown) => unknown)(ask) };
  } catch (error) {
    return { ok: false, error: AppError.from(error).toShape() };
  }
}

parentPort?.postMessage(answer(workerData as TaskQuestion));
