import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { appendAudit } from '../audit/log.ts';
import type { CoreContext } from '../context.ts';
import { transact } from '../db/errors.ts';
import { useProject } from '../db/projects.ts';
import { weightsFolder } from './folder.ts';

export function handlers({ engine }: CoreContext): Handlers<Pick<CoreCalls, 'weights.import'>> {
  return {
    'weights.import': async ({ project: folder, ...weights }, { signal, progress }) => {
      const project = await useProject(folder);
      const destination = { ...weights, folder: weightsFolder(project.folder) };
      const imported = await engine.call('weights.import', destination, { signal, onProgress: progress });
      const { backbone, sha256, licence, source } = imported;
      transact(project.db, () => appendAudit(project.db, 'weights', { backbone, sha256, licence, source }));
      return imported;
    },
  };
}
