import type { Needs } from '../../contract/machine.ts';
import { defaultSize, type Settings } from './settings.ts';

/** Whether there is memory enough, now. */
export const fitsMemory = ({ memoryBytes }: Needs): boolean => memoryBytes <= process.availableMemory();

const leastBatch = 8;

/**
 * Images at a time, and their side, that there is memory enough for: no more of either than usual, then ever fewer.
 * @param usual images at a time the method takes by itself
 */
export async function smallerThan(
  settings: Settings,
  usual: number,
  needs: (settings: Settings) => Promise<Needs>,
): Promise<{ batch: number; size: number }> {
  const size = Math.min(settings.size, defaultSize);
  const fits = async (batch: number): Promise<boolean> =>
    fitsMemory(await needs({ ...settings, size, adapt: { ...settings.adapt, batch } }));
  let batch = Math.min(settings.adapt.batch, usual);
  while (batch > leastBatch && !(await fits(batch))) batch = Math.max(leastBatch, Math.floor(batch / 2));
  return { batch, size };
}
