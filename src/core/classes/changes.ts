import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { additionOf, allClasses, liveClasses, type ClassChange, type ClassRow } from './log.ts';

/** @throws AppError `classes.unknown` */
function liveClass(db: Database.Database, id: number): ClassRow {
  const found = liveClasses(db).find((row) => row.id === id);
  if (!found) throw new AppError('classes.unknown', { class: id });
  return found;
}

/** @throws AppError `classes.taken` */
function assertFree(db: Database.Database, name: string): void {
  if (liveClasses(db).some((row) => row.name === name)) throw new AppError('classes.taken', { name });
}

const clean = (name: string): string => name.trim().normalize('NFC');

/** @throws AppError `classes.taken` */
export function addClass(db: Database.Database, name: string): ClassChange {
  assertFree(db, clean(name));
  return additionOf(db, clean(name));
}

/** @throws AppError `classes.unknown`, `classes.taken` */
export function renameClass(db: Database.Database, id: number, name: string): ClassChange {
  const row = liveClass(db, id);
  if (row.name !== clean(name)) assertFree(db, clean(name));
  return { kind: 'rename', class: id, before: [row], after: [{ ...row, name: clean(name) }] };
}

/**
 * Labels of one class, and of those merged into it before, count for another from now on.
 * @throws AppError `classes.unknown`
 */
export function mergeClass(db: Database.Database, id: number, into: number): ClassChange {
  liveClass(db, id);
  liveClass(db, into);
  if (id === into) throw new AppError('classes.unknown', { class: into });
  const before = allClasses(db).filter((row) => row.counts_as === id);
  return { kind: 'merge', class: id, before, after: before.map((row) => ({ ...row, counts_as: into })) };
}

/** @param order ids of the live classes, in their new order; those that are left out come behind. */
export function reorderClasses(db: Database.Database, order: readonly number[]): ClassChange {
  const live = liveClasses(db);
  const wanted = order.map((id) => liveClass(db, id));
  const rest = live.filter(({ id }) => !order.includes(id));
  const places = live.map(({ position }) => position);
  const after = [...wanted, ...rest].map((row, i) => ({ ...row, position: places[i] as number }));
  return { kind: 'reorder', class: order[0] as number, before: live, after };
}

/** Its labels count no more. @throws AppError `classes.unknown` */
export function removeClass(db: Database.Database, id: number): ClassChange {
  const row = liveClass(db, id);
  return { kind: 'remove', class: id, before: [row], after: [{ ...row, removed: 1 }] };
}
