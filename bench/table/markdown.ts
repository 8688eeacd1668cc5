import { partsOf, sets, shotsOf } from './parts.ts';
import type { Row } from './record.ts';

const points = (share: number): string => (100 * share).toFixed(1);
const signed = (share: number): string => (share < 0 ? '−' : '+') + points(Math.abs(share));
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The document with the tables between its markers made anew: `<!-- table a: begin -->` to `<!-- table a: end -->`. */
export function replaceTables(document: string, record: readonly Row[]): string {
  return document.replaceAll(
    /(<!-- table (\w): begin -->\n)[^]*?(<!-- table \2: end -->)/g,
    (_, begin: string, part: string, end: string) =>
      `${begin}\n${sets.map((set) => tableOf(part, set, record)).join('\n\n')}\n\n${end}`,
  );
}

function tableOf(part: string, set: string, record: readonly Row[]): string {
  const rows = record.filter((row) => row.part === part && row.set === set);
  const planned = partsOf([]).filter((planned) => planned.part === part);
  const names = [...new Set([...planned, ...rows].map(({ name }) => name))];
  const regimes = [...new Set(rows.map(({ regime }) => regime))];
  const told = shotsOf(part);
  const of = (name: string, regime: string, count: number): Row | undefined =>
    rows.find((row) => row.name === name && row.regime === regime && row.shots === count);
  const gain = (name: string, regime: string): number =>
    of(name, regime, 5)?.['accuracy difference'] ?? Number.NEGATIVE_INFINITY;
  const body = (regimes.length ? regimes : ['probe']).flatMap((regime) => {
    const by = regimes.length > 1 ? `, ${regime}` : '';
    const plain = told.map((count) => rows.find((row) => row.regime === regime && row.shots === count));
    return [
      line([`*without${by}*`, ...plain.map((row) => percent(row?.['accuracy without']))]),
      ...names
        .toSorted((a, b) => gain(b, regime) - gain(a, regime))
        .map((name) => line([`${name}${by}`, ...told.map((count) => cell(of(name, regime, count)))])),
    ];
  });
  return [
    line([`${set}: gain in points by labels per class`, ...told.map(String)]),
    line(['---', ...told.map(() => '---')]),
    ...body,
  ].join('\n');
}

const percent = (share: number | null = null): string => (share === null ? 'not run' : `*${points(share)}*`);

function cell(row: Row | undefined): string {
  const { 'accuracy difference': gain = null, 'accuracy from': from = null, 'accuracy to': to = null } = row ?? {};
  if (gain === null || from === null || to === null) return row?.error ?? row?.state ?? 'not run';
  return `${signed(gain)} (${signed(from)} to ${signed(to)})`;
}
