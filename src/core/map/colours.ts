import type { MapColouring } from '../../contract/calls/map.ts';
import { classOfCode, labelAt } from '../labels/visibility.ts';
import { calledClass, type Facts } from '../views/pass.ts';

/** More groups than this cannot be told apart by colour: the rest shares one. */
const mostGroups = 11;

/** What each image is coloured by, as the contract numbers it. */
export function coloursOf(facts: Facts, ids: Int32Array, by: MapColouring): { values: Uint16Array; names: string[] } {
  const { catalogue, columns } = facts;
  const each = (value: (id: number) => number): Uint16Array => Uint16Array.from(ids, value);
  if (by === 'class') {
    return { values: each((id) => 1 + (classOfCode(labelAt(columns, id)) ?? -1)), names: [] };
  }
  if (by === 'group') {
    const sizes = new Int32Array(catalogue.groupNames.length);
    for (const id of ids) sizes[catalogue.group[id] ?? 0]! += 1;
    const bySize = Array.from(sizes.keys())
      .filter((group) => group > 0 && sizes[group]! > 0)
      .sort((a, b) => sizes[b]! - sizes[a]! || a - b);
    const shown = bySize.slice(0, bySize.length > mostGroups + 1 ? mostGroups : mostGroups + 1);
    const valueOf = new Uint16Array(sizes.length).fill(shown.length + 1);
    valueOf[0] = 0;
    shown.forEach((group, at) => (valueOf[group] = at + 1));
    const names = shown.map((group) => catalogue.groupNames[group]!);
    return {
      values: each((id) => valueOf[catalogue.group[id] ?? 0]!),
      names: shown.length < bySize.length ? [...names, ''] : names,
    };
  }
  const predictions = facts.predictions();
  if (by === 'prediction') return { values: each((id) => 1 + (calledClass(predictions, id) ?? -1)), names: [] };
  const millionths = predictions?.probability;
  return {
    values: each((id) => {
      const probability = millionths?.[id] ?? -1;
      return probability < 0 ? 0 : 1 + Math.round((1e6 - probability) / 1000);
    }),
    names: [],
  };
}
