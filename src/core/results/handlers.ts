import { join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import type { RunRow } from '../../contract/runs.ts';
import type { Handlers } from '../../rpc/types.ts';
import { useProject } from '../db/projects.ts';
import { readResults } from '../runs/results-file.ts';
import { chooseRun } from '../runs/rows.ts';

/** Kinds of runs that end with a comparison. */
const comparing: readonly RunRow['kind'][] = ['one-click', 'finetune'];

export function handlers(): Handlers<Pick<CoreCalls, 'results.get'>> {
  return {
    'results.get': async ({ project: folder, run: id }) => {
      const project = await useProject(folder, { readOnly: true });
      const run = chooseRun(project.db, id, ({ kind, state }) => state === 'finished' && comparing.includes(kind));
      return readResults(join(project.paths.runs, run.id), run);
    },
  };
}
