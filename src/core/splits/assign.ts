import type Database from 'better-sqlite3';
import { appendAudit } from '../audit/log.ts';
import { transact } from '../db/errors.ts';
import { readSetting, writeSetting } from '../library/paths.ts';
import { sidesDigest } from './sides-digest.ts';
import { checkShare, groupTarget, imageTarget, reserve } from './reserve.ts';

interface ImageRow {
  readonly id: number;
  readonly role: string;
  readonly hash: string;
  readonly group_id: number | null;
  readonly family: number | null;
  readonly side: string | null;
  readonly state: string;
}
interface GroupRow {
  readonly id: number;
  readonly name: string;
  readonly side: 'training' | 'check' | null;
}

/** Rises when groups were changed and the check side was drawn anew: scores of an older split count no more. */
export const splitVersion = (db: Database.Database): number => Number(readSetting(db, 'split') ?? 1);

/**
 * Gives a side to whatever has none. What was reserved stays reserved, and later images of a known group or
 * duplicate family follow it. An image that looks the same as a check image of another group is excluded from both.
 * @param changes `moved`: images whose group was corrected follow the new one. `redefined`: groups are told in another
 *   way, so the check side is drawn anew. Either raises the version of the split.
 */
export function assignSides(
  db: Database.Database,
  seed: number,
  changes: { readonly moved: readonly number[]; readonly redefined: boolean } = { moved: [], redefined: false },
): void {
  transact(db, () => {
    const hadGroups = db.prepare(`SELECT 1 FROM image_group WHERE side IS NOT NULL`).get() !== undefined;
    const redraw = changes.moved.length > 0 && (changes.redefined || !hadGroups);
    if (redraw) db.exec(`UPDATE image SET side = NULL; UPDATE image_group SET side = NULL;`);
    const forget = db.prepare(`UPDATE image SET side = NULL WHERE id = ?`);
    for (const id of changes.moved) forget.run(id);
    if (changes.moved.length) writeSetting(db, 'split', splitVersion(db) + 1);
    reserveGroups(db, seed);
    reserveImages(db, seed);
    excludeCopies(db);
    const digest = sidesDigest(db);
    if (changes.moved.length || digest !== readSetting(db, 'sides')) {
      writeSetting(db, 'sides', digest);
      appendAudit(db, 'split', {
        seed,
        version: splitVersion(db),
        checkImages: Number(db.prepare(`SELECT count(*) FROM image WHERE side = 'check'`).pluck().get()),
        digest,
        moved: changes.moved.length,
        redraw,
      });
    }
  });
}

/** Groups of main images: the draw is over groups, never over images. */
function reserveGroups(db: Database.Database, seed: number): void {
  const groups = db
    .prepare<[], GroupRow>(
      `SELECT id, name, side FROM image_group
       WHERE id IN (SELECT group_id FROM image WHERE role = 'main' AND hash IS NOT NULL)`,
    )
    .all();
  const known = groups.filter(({ side }) => side === 'check').length;
  const fresh = groups.filter(({ side }) => side === null);
  const units = fresh.map(({ name }) => ({ key: name, size: 1 }));
  const chosen = reserve(units, seed, known, groupTarget(groups.length));
  const setSide = db.prepare(`UPDATE image_group SET side = ? WHERE id = ?`);
  for (const { id, name } of fresh) setSide.run(chosen.has(name) ? 'check' : 'training', id);
  db.exec(
    `UPDATE image SET side = (SELECT side FROM image_group WHERE id = image.group_id)
     WHERE role = 'main' AND group_id IS NOT NULL AND hash IS NOT NULL AND side IS NULL`,
  );
}

/** Images without a group: the draw is over images with their duplicates. */
function reserveImages(db: Database.Database, seed: number): void {
  const rows = db
    .prepare<[], ImageRow>(
      `SELECT id, role, hash, group_id, family, side, state FROM image
       WHERE role = 'main' AND hash IS NOT NULL ORDER BY id`,
    )
    .all();
  const sideOfFamily = new Map<number, string>();
  for (const { family, side } of rows) {
    if (family !== null && side !== null && sideOfFamily.get(family) !== 'check') sideOfFamily.set(family, side);
  }
  const setSide = db.prepare(`UPDATE image SET side = ? WHERE id = ?`);
  const units = new Map<string, ImageRow[]>();
  for (const row of rows) {
    if (row.group_id !== null || row.side !== null) continue;
    const familySide = row.family === null ? undefined : sideOfFamily.get(row.family);
    if (familySide) setSide.run(familySide, row.id);
    else {
      const key = row.family === null ? row.hash : `family ${row.family}`;
      units.set(key, [...(units.get(key) ?? []), row]);
    }
  }
  // What is gone no longer counts, but its copies follow it.
  const present = rows.filter(({ state }) => state === 'ok');
  const ungrouped = present.filter(({ group_id: group }) => group === null);
  const known = ungrouped.filter(({ side }) => side === 'check').length;
  const named = [...units.values()].map((members) => ({
    key: members.map(({ hash }) => hash).sort()[0] as string,
    size: members.length,
    members,
  }));
  const hasGroups = present.length > ungrouped.length;
  // Beside groups, images without one are only a remainder: the least number is not asked of them.
  const target = hasGroups ? Math.round(ungrouped.length * checkShare) : imageTarget(ungrouped.length);
  const chosen = reserve(named, seed, known, target);
  for (const { key, members } of named) {
    for (const { id } of members) setSide.run(chosen.has(key) ? 'check' : 'training', id);
  }
}

/** Copies of check images that their group puts elsewhere, and images for adaptation that belong to the check side. */
function excludeCopies(db: Database.Database): void {
  db.exec(`
    UPDATE image SET side = 'training' WHERE role = 'adapt-only' AND hash IS NOT NULL;
    UPDATE image SET side = 'excluded'
      WHERE role = 'adapt-only' AND group_id IN (SELECT id FROM image_group WHERE side = 'check');
    UPDATE image SET side = 'excluded'
      WHERE side = 'training' AND family IN (SELECT family FROM image WHERE side = 'check' AND family IS NOT NULL);
    UPDATE image SET side = (CASE WHEN group_id IS NULL THEN 'training'
        ELSE (SELECT ifnull(side, 'training') FROM image_group WHERE id = image.group_id) END)
      WHERE role = 'main' AND side = 'excluded'
        AND (family IS NULL OR family NOT IN (SELECT family FROM image WHERE side = 'check' AND family IS NOT NULL));
  `);
}
