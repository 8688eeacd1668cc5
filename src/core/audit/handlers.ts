import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { projectOf } from '../projects/registry.ts';
import { assertSighted } from '../labels/visibility.ts';
import { breaksOfFile } from './file-stamp.ts';
import { listAudit } from './list.ts';
import { verifyAudit } from './verify.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'audit.verify' | 'audit.list'>> {
  return {
    'audit.list': async ({ project: ref, rater, ...wanted }) => {
      const { db } = await projectOf(ref, { readOnly: true });
      assertSighted(db, rater);
      return listAudit(db, wanted);
    },
    'audit.verify': async ({ project: ref, file }) => {
      const project = await projectOf(ref, { readOnly: true });
      const report = verifyAudit(project, file === undefined ? [] : await breaksOfFile(project, file));
      return { ...report, problems: [...report.problems] };
    },
  };
}
