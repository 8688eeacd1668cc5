import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { assertSighted } from '../labels/visibility.ts';
import { projectOf } from '../projects/registry.ts';
import { exportModel } from './export.ts';
import { predictByFile } from './predict.ts';

export function handlers(context: CoreContext): Handlers<Pick<CoreCalls, 'models.export' | 'models.predict'>> {
  /** A blind rater sees nothing of what a model made of the labels of others. */
  const opened = async ({ project: ref, rater }: { project: string; rater: string }): Promise<Project> => {
    const project = await projectOf(ref);
    assertSighted(project.db, rater);
    return project;
  };
  return {
    'models.export': async (input, call) => exportModel(context, await opened(input), input, call),
    'models.predict': async (input, call) => predictByFile(context, await opened(input), input, call),
  };
}
