import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { useProject } from '../db/projects.ts';
import { verifyAudit } from './verify.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'audit.verify'>> {
  return {
    'audit.verify': async ({ project }) => {
      const { ok, entries, head, problems } = verifyAudit(await useProject(project, { readOnly: true }));
      return { ok, entries, head, problems: [...problems] };
    },
  };
}
