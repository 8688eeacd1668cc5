import type { TestContext } from 'node:test';
import { batchSchema, type Batch } from '../../../../src/contract/calls/apply.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import { handlers as applyHandlers } from '../../../../src/core/apply/handlers.ts';
import { handlers as exportHandlers } from '../../../../src/core/exports/handlers.ts';
import { handlers as labelHandlers } from '../../../../src/core/labels/handlers.ts';
import { handlers as resultHandlers } from '../../../../src/core/results/handlers.ts';
import { handlers as runHandlers } from '../../../../src/core/runs/handlers.ts';
import { sampleEngine } from '../runs/sample-engine.ts';
import { sampleProject } from '../runs/sample-project.ts';

export const call = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };

/** A project with a finished run, and what a page asks of it. */
export async function desk(t: TestContext, sample: Parameters<typeof sampleProject>[0]) {
  const { project, folder, remove } = await sampleProject(sample);
  t.after(remove);
  const engine = sampleEngine();
  const told: Batch[] = [];
  const waiting = new Set<() => void>();
  const context = {
    engine,
    emit: (name: string, data: unknown) => {
      if (name !== 'batch.changed') return;
      told.push(batchSchema.parse((data as { batch: unknown }).batch));
      for (const look of waiting) look();
    },
  };
  const runs = runHandlers(context);
  const run = async (): Promise<string> =>
    (await runs['runs.start']({ project: folder, shots: 3, draws: 2, seeds: 1, regime: 'probe' }, call)).run;
  const seat = { project: folder, rater: 'ana' };
  return {
    project,
    folder,
    engine,
    told,
    run,
    runs,
    seat,
    apply: applyHandlers(context),
    exports: exportHandlers(),
    results: resultHandlers(),
    labels: labelHandlers(context),
    /** Resolves when a batch was told in such a way. */
    until: (fits: (batch: Batch) => boolean): Promise<Batch> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = told.findLast(fits);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
