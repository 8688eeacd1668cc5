import type { CoreCalls } from '../../contract/core-calls.ts';
import { createImagePool } from '../../images/pool.ts';
import type { Handlers } from '../../rpc/types.ts';
import { useProject } from '../db/projects.ts';
import { checkImportInput, importLibrary } from './import.ts';
import { summarize } from './summary.ts';

type LibraryCalls = Pick<CoreCalls, 'library.import' | 'library.summary'>;

export function handlers(): Handlers<LibraryCalls> {
  return {
    'library.import': async (input, { signal, progress }) => {
      const checked = checkImportInput(input);
      const project = await useProject(checked.project, { create: true });
      const pool = createImagePool();
      try {
        return await importLibrary(project, checked, { pool, signal, progress });
      } finally {
        pool.close();
      }
    },
    'library.summary': async ({ project }) => summarize(await useProject(project, { readOnly: true })),
  };
}
