import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { projectOf } from '../projects/registry.ts';
import { verifyAudit } from './verify.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'audit.verify'>> {
  return {
    'audit.verify': async ({ project }) => {
      const report = verifyAudit(await projectOf(project, { readOnly: true }));
      return { ...report, problems: [...report.problems] };
    },
  };
}
