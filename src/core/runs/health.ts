import { join } from 'node:path';
import { z } from 'zod';
import { healthOf, passesWithoutProgress, type HealthWord } from '../../contract/health.ts';
import { monitorRowSchema, type MonitorRow } from '../../contract/run-files.ts';
import { readRunJson } from '../../files/run-json.ts';
import { readSpecification } from './specification.ts';

const recordSchema = z.object({ monitor: z.array(monitorRowSchema) });

export interface RunHealth {
  readonly word: HealthWord | null;
  readonly stalledFor: number;
  readonly monitor: MonitorRow[][];
}

/** How a run's adaptation fares: the engine writes a row after each pass, of each seed. */
export async function healthOfRun(runFolder: string): Promise<RunHealth> {
  const seeds = (await readSpecification(runFolder))?.spec.adapt.seeds ?? 0;
  const monitor = await Promise.all(
    Array.from({ length: seeds }, (_, seed) =>
      readRunJson(join(runFolder, 'adapt', `seed-${seed}.json`), recordSchema).then(
        (record) => record.monitor,
        // Its turn has not come yet.
        () => [],
      ),
    ),
  );
  const newest = monitor.findLast((rows) => rows.length > 0);
  return {
    word: newest ? healthOf(newest) : null,
    stalledFor: newest ? passesWithoutProgress(newest) : 0,
    monitor,
  };
}
