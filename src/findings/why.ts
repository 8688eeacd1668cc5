import type { Why } from '../contract/why.ts';

const across = ['left', 'middle', 'right'] as const;
const down = ['top', 'middle', 'bottom'] as const;
export type PlaceName = `${(typeof down)[number]}-${(typeof across)[number]}`;

/** A cell that stands out, from 1 in the order of its worth. */
export interface StrongPlace {
  readonly row: number;
  readonly column: number;
  readonly name: PlaceName;
}

const most = 3;
/** What is worth less than this share of the strongest is not named. */
const leastShare = 0.5;
/** Cells so near to one that is named belong to it: a patch is as large. */
const near = 2;

/** Where covering makes the model least sure, strongest first, each a patch away from the others. */
export function strongestPlaces({ map, rows, columns }: Pick<Why, 'map' | 'rows' | 'columns'>): StrongPlace[] {
  const strongest = Math.max(...map);
  if (strongest <= 0) return [];
  const third = (at: number, count: number): 0 | 1 | 2 =>
    Math.min(2, Math.floor((3 * (at + 0.5)) / count)) as 0 | 1 | 2;
  const found: StrongPlace[] = [];
  const byWorth = [...map.keys()].sort((a, b) => map[b]! - map[a]!);
  for (const cell of byWorth) {
    if (found.length === most || map[cell]! < leastShare * strongest) break;
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    if (found.some((other) => Math.abs(other.row - row) <= near && Math.abs(other.column - column) <= near)) continue;
    found.push({ row, column, name: `${down[third(row, rows)]}-${across[third(column, columns)]}` });
  }
  return found;
}

/** How far the deletion test bears a map out. */
export type Verdict = 'holds' | 'hint' | 'fails';

/** Better than every order by chance, than most of them, or not. */
export const verdictOf = ({ deletion: { beaten, orders } }: Pick<Why, 'deletion'>): Verdict =>
  beaten === orders ? 'holds' : beaten > orders / 2 ? 'hint' : 'fails';
