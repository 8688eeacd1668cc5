import { percentOf } from '../../contract/run-files.ts';
import { count, plural } from './numbers.ts';

/** How many labels a draw has, where it was asked for: `5 labels per class`, or the share and the numbers it comes to. */
export function labelsWords(
  { shots, fraction }: { readonly shots: number | null; readonly fraction?: number | null | undefined },
  [fewest, most]: readonly [number, number],
): string | null {
  if (shots !== null) return `${plural(shots, 'label')} per class`;
  if (typeof fraction !== 'number') return null;
  const counts = fewest === most ? plural(most, 'label') : `${count(fewest)} to ${plural(most, 'label')}`;
  return `${percentOf(fraction)} % of the labels of each class (${counts})`;
}
