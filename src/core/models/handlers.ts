import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { sight } from '../labels/visibility.ts';
import { projectOf } from '../projects/registry.ts';
import { exportModel } from './export.ts';

export function handlers(context: CoreContext): Handlers<Pick<CoreCalls, 'models.export'>> {
  return {
    'models.export': async (input, call) => {
      const project = await projectOf(input.project);
      if (sight(project.db, input.rater).blind) throw new AppError('second.blind');
      return exportModel(context, project, input, call);
    },
  };
}
