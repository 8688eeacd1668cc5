import type { Progress } from '../../../../src/contract/progress.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import { handlers as resultHandlers } from '../../../../src/core/results/handlers.ts';
import { handlers as runHandlers } from '../../../../src/core/runs/handlers.ts';
import { listRuns } from '../../../../src/core/runs/rows.ts';
import { sampleEngine } from './sample-engine.ts';
import { sampleProject } from './sample-project.ts';

export const shots = { shots: 3, draws: 3, seeds: 2, regime: 'probe' as const };

/** A project, the handlers of its runs, an engine that computes nothing, and what all of them told. */
export async function desk(options: Parameters<typeof sampleProject>[0] = { images: 200 }) {
  const sample = await sampleProject(options);
  const engine = sampleEngine();
  const states: string[] = [];
  const progress: Progress[] = [];
  const context = {
    engine,
    emit: (name: string, data: unknown) => {
      if (name === 'run.state') states.push((data as { row: { state: string } }).row.state);
    },
  };
  const runs = runHandlers(context);
  const abort = new AbortController();
  const call = { signal: abort.signal, seat: ownSeat, progress: (report: Progress) => void progress.push(report) };
  return {
    ...sample,
    engine,
    states,
    progress,
    runs,
    results: resultHandlers(),
    abort,
    call,
    start: (more: object = {}) => runs['runs.start']({ project: sample.folder, ...shots, ...more }, call),
    resume: () => runs['runs.resume']({ project: sample.folder }, call),
    rows: () => listRuns(sample.project.db),
    audit: () =>
      sample.project.db
        .prepare<[], { kind: string; payload: string }>(
          `SELECT kind, payload FROM audit WHERE kind IN ('run', 'check')`,
        )
        .all()
        .map(({ kind, payload }) => `${kind} ${(JSON.parse(payload) as { event?: string }).event ?? ''}`.trim()),
  };
}
