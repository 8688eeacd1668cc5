import type { ColumnsResult } from '../../contract/results.ts';
import type { ArmName } from '../../contract/run-files.ts';
import type { RunFolder } from '../jobs/run-folder.ts';
import type { Cells } from './cells.ts';
import { compare, type Design } from './estimates.ts';
import { signedRange } from './verdict.ts';

/**
 * What columns added to each arm: its cells against the same cells trained without them, paired like the arms
 * themselves.
 */
export function columnsResult({ manifest }: RunFolder, cells: Cells, without: Cells, design: Design): ColumnsResult {
  const scored = new Set(cells.plain.flatMap(({ images }) => [...images]));
  const rows = manifest.images.filter(({ id }) => scored.has(id));
  const added = (arm: ArmName): ColumnsResult[ArmName] => {
    const { arms, difference } = compare({ plain: without[arm], adapted: cells[arm] }, design);
    return { without: arms.plain, added: difference };
  };
  return {
    used: (manifest.columns ?? []).map((column, at) => ({
      ...column,
      missing: rows.filter(({ columns }) => (columns?.[at] ?? null) === null).length,
    })),
    images: rows.length,
    plain: added('plain'),
    adapted: added('adapted'),
  };
}

/** The same in sentences, of the arm that is applied. */
export function columnsNotes({ used, images, ...arms }: ColumnsResult, arm: ArmName): string[] {
  const { mean, ci } = arms[arm].added.accuracy;
  const names = used.map(({ name }) => name).join(', ');
  const range = `95 % range ${signedRange(ci)} in 100`;
  const model = `the model ${arm === 'adapted' ? 'with' : 'without'} adaptation`;
  const said =
    ci[0] > 0
      ? `Adding ${names} helped: ${model} names ${(100 * mean).toFixed(1)} of 100 more correctly (${range}).`
      : ci[1] < 0
        ? `Adding ${names} made ${model} worse (${range}): leave that out.`
        : `Adding ${names} made no clear difference to ${model} (${range}).`;
  const gaps = used.filter(({ missing }) => missing > 0);
  return [said, ...gaps.map(({ name, missing }) => `${name} is missing for ${missing} of ${images} check images.`)];
}
