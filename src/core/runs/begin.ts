import { AppError } from '../../contract/errors.ts';
import { leastLabels } from '../projects/state.ts';
import { fitsMemory, memoryBytes } from './estimate.ts';
import type { Settings } from './settings.ts';
import type { Specification } from './specification.ts';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/**
 * What the app asks of a run before it begins: labels enough to learn from, and memory enough to finish.
 * @throws AppError `labels.few`, `memory.start`
 */
export function assertCanBegin({ manifest }: Specification, settings: Settings): void {
  manifest.classes.forEach(({ id: classId, name }, index) => {
    const labels = manifest.training.filter((label) => label.class === index).length;
    if (labels < leastLabels) throw new AppError('labels.few', { class: name, classId, labels, needed: leastLabels });
  });
  if (fitsMemory(settings)) return;
  const [needed, free] = [memoryBytes(settings), process.availableMemory()];
  throw new AppError('memory.start', { needed: gigabytes(needed), free: gigabytes(free) });
}
