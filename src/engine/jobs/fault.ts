import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import type { MonitorRow } from '../../contract/run-files.ts';

/** What can be made to go wrong on purpose, through `ACCLIMATE_FAULT`, so that what follows can be seen and tested. */
const faultSchema = z.enum(['collapse', 'nan', 'disk', 'memory']);
const isWanted = (fault: z.infer<typeof faultSchema>): boolean =>
  faultSchema.safeParse(process.env['ACCLIMATE_FAULT']).data === fault;

/** A full disk is told once: what comes after it must be able to go on. */
let diskWasFull = false;

/** @throws AppError `memory.out` for steps of as many images as the run was made with */
export function faultyMemory(batch: number, asked: number): void {
  if (isWanted('memory') && batch === asked) throw new AppError('memory.out');
}

/** The loss of a step; no number from the second pass on, until the steps are smaller. */
export const faultyLoss = (loss: number, pass: number, rateFactor: number): number =>
  isWanted('nan') && pass > 1 && rateFactor === 1 ? NaN : loss;

/** A row of the monitor; all embeddings in one point after the first pass. */
export const faultyRow = (row: MonitorRow): MonitorRow =>
  isWanted('collapse') && row.epoch > 0 ? { ...row, embeddingStd: row.embeddingStd / 1e6, effectiveRank: 1 } : row;

/** @throws AppError `disk.full` at the first point behind the first pass */
export function faultyDisk(passes: number): void {
  if (!isWanted('disk') || diskWasFull || passes < 2) return;
  diskWasFull = true;
  throw new AppError('disk.full');
}
