import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { projectOf } from '../projects/registry.ts';
import { breaksOfFile } from './file-stamp.ts';
import { verifyAudit } from './verify.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'audit.verify'>> {
  return {
    'audit.verify': async ({ project: ref, file }) => {
      const project = await projectOf(ref, { readOnly: true });
      const report = verifyAudit(project, file === undefined ? [] : await breaksOfFile(project, file));
      return { ...report, problems: [...report.problems] };
    },
  };
}
