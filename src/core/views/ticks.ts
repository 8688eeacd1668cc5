import type { Project } from '../db/open.ts';
import type { View } from './held.ts';

interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Words along the scrubber, evenly spread: groups where there are some, else what the list is sorted by. */
export function ticksOf({ db }: Project, { ids, starts, names, ticks }: View, most: number): Tick[] {
  if (starts.length > 0) {
    return spread(starts.length, most).map((i) => ({ at: starts[i] as number, text: names[i] as string }));
  }
  const places = spread(ids.length, most);
  if (ticks === 'places') return places.map((at) => ({ at, text: String(at + 1) }));
  const find = db.prepare<[number], { file: string; modified: number }>(
    `SELECT file, modified FROM image WHERE id = ?`,
  );
  return places.map((at) => {
    const row = find.get(ids[at] as number);
    if (!row) return { at, text: '' };
    return { at, text: ticks === 'names' ? row.file : new Date(row.modified).toISOString().slice(0, 10) };
  });
}

const spread = (count: number, most: number): number[] => {
  const many = Math.min(count, most);
  return Array.from({ length: many }, (_, i) => Math.floor((i * count) / many));
};
