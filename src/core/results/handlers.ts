import { join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { recommendedOf } from '../../findings/summary.ts';
import type { Handlers } from '../../rpc/types.ts';
import { appendAudit } from '../audit/log.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { assertSighted } from '../labels/visibility.ts';
import { changed } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { readResults } from '../runs/results-file.ts';
import { chooseComparison, findRun } from '../runs/rows.ts';
import { compareRuns } from './compare.ts';
import { contextOf } from './context.ts';
import { groupsOf } from './groups.ts';
import { confusionOf, readScored, weightsOf } from './scored.ts';
import { noteSeen } from './seen.ts';
import { trustView } from './trust.ts';

type ResultCalls = Pick<
  CoreCalls,
  | 'results.get'
  | 'results.confusion'
  | 'results.trust'
  | 'results.compare'
  | 'results.groups'
  | 'results.context'
  | 'results.seen'
  | 'results.choose'
>;

export function handlers(): Handlers<ResultCalls> {
  const read = async (ref: string, id: string | undefined) => {
    const project = await projectOf(ref, { readOnly: true });
    const run = chooseComparison(project.db, id);
    return { project, results: await readResults(join(project.paths.runs, run.id), run) };
  };
  /** A blind rater must not learn what others said from what a model made of it. */
  const seenBy = async (ref: string, rater: string, run: string): Promise<Project> => {
    const project = await projectOf(ref);
    assertSighted(project.db, rater);
    findRun(project.db, run);
    return project;
  };

  return {
    'results.get': async ({ project, run }) => (await read(project, run)).results,
    'results.confusion': async ({ project: ref, run, arm }) => {
      const { project, results } = await read(ref, run);
      const { classes } = results;
      const images = await readScored(project, results.run);
      return {
        classes,
        counts: confusionOf(images, classes.length, arm),
        weights: weightsOf(images, classes.length, arm),
      };
    },
    'results.trust': async ({ project: ref, run, arm }) => {
      const { project, results } = await read(ref, run);
      return trustView(await readScored(project, results.run), results, arm);
    },
    'results.groups': async ({ project: ref, run, arm }) => {
      const { project, results } = await read(ref, run);
      return groupsOf(project, results.run, await readScored(project, results.run), arm);
    },
    'results.compare': async ({ project: ref, run }) => ({
      runs: await compareRuns(await projectOf(ref, { readOnly: true }), run),
    }),
    'results.context': async ({ project: ref, run }) => {
      const { project, results } = await read(ref, run);
      return contextOf(project, results);
    },
    'results.seen': async ({ project: ref, rater, run }) => {
      const project = await seenBy(ref, rater, run);
      noteSeen(project, run, rater);
      return {};
    },
    'results.choose': async ({ project: ref, rater, run, arm }) => {
      const project = await seenBy(ref, rater, run);
      const recommended = recommendedOf((await read(ref, run)).results);
      transact(project.db, () => {
        project.db.prepare(`UPDATE run SET chosen = ? WHERE id = ?`).run(arm, run);
        appendAudit(project.db, 'choose', { run, rater, arm, recommended, against: arm !== recommended });
      });
      changed(project.id);
      return {};
    },
  };
}
