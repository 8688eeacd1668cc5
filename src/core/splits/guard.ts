import { AppError } from '../../contract/errors.ts';
import type { Manifest } from '../../contract/run-files.ts';
import type { Project } from '../db/open.ts';

/** What must not be on both sides of a split. */
interface Place {
  readonly id: number;
  readonly file: string;
  readonly role: string;
  readonly side: string | null;
  readonly group_id: number | null;
  readonly family: number | null;
}

/**
 * The last look before a manifest is written: nothing of what is scored, nor of its groups or duplicates, is learned
 * from. Reads groups and duplicates from the tables, not from what the caller believes.
 * @throws AppError `split.leak`
 */
export function assertNoLeak({ db }: Project, manifest: Manifest): void {
  const places = new Map(
    db
      .prepare<[], Place>(`SELECT id, file, role, side, group_id, family FROM image`)
      .all()
      .map((place) => [place.id, place]),
  );
  const at = (ids: Iterable<number>): Place[] =>
    [...ids].map((id) => {
      const place = places.get(id);
      if (!place) throw leak(`an unknown image (${id})`);
      return place;
    });
  const training = manifest.training.map(({ image }) => image);
  const labelled = new Set(training);
  for (const { train } of manifest.draws) {
    const stray = train.find((id) => !labelled.has(id));
    if (stray !== undefined) throw leak(`an image without a training label (${stray})`);
  }
  const adaptOnly = at([...training, ...manifest.check]).find(({ role }) => role === 'adapt-only');
  if (adaptOnly) throw leak(`${adaptOnly.file}, which is for adaptation only,`);

  const held = manifest.draws.flatMap(({ score }) => score ?? []);
  if (held.length === 0) {
    const check = at(manifest.check);
    const learned = at(new Set([...manifest.adapt, ...training]));
    const reserved = [...places.values()].filter(({ side }) => side === 'check');
    assertApart(learned, [...reserved, ...check], { groups: true });
    const stray = check.find(({ side }) => side !== 'check');
    if (stray) throw leak(`${stray.file}, which is no check image,`);
    return;
  }
  // Repeated splits: the adaptation leaves out labelled images, each draw keeps groups and duplicates on one side.
  const scored = new Set([...held, ...manifest.check]);
  assertApart(at(manifest.adapt), at(new Set([...scored, ...training])), { groups: false });
  for (const { train, score = [] } of manifest.draws) assertApart(at(train), at(score), { groups: true });
}

function assertApart(learned: readonly Place[], scored: readonly Place[], { groups }: { groups: boolean }): void {
  const ids = new Set(scored.map(({ id }) => id));
  const families = new Set(scored.flatMap(({ family }) => family ?? []));
  const groupIds = new Set(groups ? scored.flatMap(({ group_id: group }) => group ?? []) : []);
  for (const { id, file, family, group_id: group } of learned) {
    if (ids.has(id)) throw leak(file);
    if (family !== null && families.has(family)) throw leak(`${file}, or one that looks the same,`);
    if (group !== null && groupIds.has(group)) throw leak(`the group of ${file}`);
  }
}

const leak = (what: string): AppError => new AppError('split.leak', { what });
