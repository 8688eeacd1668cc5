import { z } from 'zod';
import { AppError } from '../contract/errors.ts';
import type { MonitorRow } from '../contract/run-files.ts';
import type { Executor, HostTree } from './nn/types.ts';

/**
 * What can be made to go wrong on purpose, through `ACCLIMATE_FAULT`, so that what follows can be seen and tested; one,
 * or several with commas between.
 */
const faultSchema = z.enum(['collapse', 'nan', 'disk', 'memory', 'device', 'wrong']);
const isWanted = (fault: z.infer<typeof faultSchema>): boolean =>
  (process.env['ACCLIMATE_FAULT'] ?? '').split(',').some((name) => faultSchema.safeParse(name).data === fault);

/** What a run goes on from happens once: what comes after it must be seen as well. */
const happened = new Set<string>();
function happens(fault: z.infer<typeof faultSchema>): boolean {
  if (!isWanted(fault) || happened.has(fault)) return false;
  happened.add(fault);
  return true;
}

/** @throws AppError `memory.out` for steps of as many images as the run was made with */
export function faultyMemory(batch: number, asked: number): void {
  if (batch === asked && happens('memory')) throw new AppError('memory.out');
}

/** The loss of a step; no number from the second pass on, until the steps are smaller. */
export const faultyLoss = (loss: number, pass: number, rateFactor: number): number =>
  pass > 1 && rateFactor === 1 && happens('nan') ? NaN : loss;

/** A row of the monitor; all embeddings in one point after the first pass. */
export const faultyRow = (row: MonitorRow): MonitorRow =>
  isWanted('collapse') && row.epoch > 0 ? { ...row, embeddingStd: row.embeddingStd / 1e6, effectiveRank: 1 } : row;

/** @throws AppError `disk.full` at the first point behind the first pass */
export function faultyDisk(passes: number): void {
  if (passes >= 2 && happens('disk')) throw new AppError('disk.full');
}

/** @throws AppError `gpu.lost` at the first step of the third pass, as where a device does not answer any more */
export function faultyDevice(pass: number): void {
  if (pass >= 3 && happens('device')) throw new AppError('gpu.lost');
}

/** A provider that is no processor is there, and computes wrong numbers. */
export const isFaultyProvider = (provider: string): boolean => isWanted('wrong') && provider !== 'cpu';

/** What computes like another, one part in a hundred beside it. */
export function faultyExecutor(right: Executor): Executor {
  const beside = (tree: HostTree): HostTree =>
    Object.fromEntries(
      Object.entries(tree).map(([key, tensor]) => [key, { ...tensor, data: tensor.data.map((value) => value * 1.01) }]),
    );
  return {
    name: right.name,
    async compile(program) {
      const compiled = await right.compile(program);
      return {
        load: (state) => compiled.load(state),
        run: async (inputs) => beside(await compiled.run(inputs)),
        read: () => compiled.read(),
        dispose: () => compiled.dispose(),
      };
    },
    dispose: () => right.dispose(),
  };
}
