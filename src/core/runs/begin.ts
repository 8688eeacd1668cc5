import { AppError } from '../../contract/errors.ts';
import type { Needs } from '../../contract/machine.ts';
import { leastLabels } from '../projects/state.ts';
import { fitsMemory } from './memory.ts';
import type { Specification } from './specification.ts';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/**
 * What the app asks of a run before it begins: labels enough to learn from, and memory enough to finish.
 * @throws AppError `labels.few`, `memory.start`
 */
export function assertCanBegin({ manifest }: Specification, needs: Needs): void {
  manifest.classes.forEach(({ id: classId, name }, index) => {
    const labels = manifest.training.filter((label) => label.class === index).length;
    if (labels < leastLabels) throw new AppError('labels.few', { class: name, classId, labels, needed: leastLabels });
  });
  if (fitsMemory(needs)) return;
  const free = process.availableMemory();
  throw new AppError('memory.start', { needed: gigabytes(needs.memoryBytes), free: gigabytes(free) });
}
