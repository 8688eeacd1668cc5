import { basename, join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import { readPolicy } from '../../files/policy.ts';
import type { Handlers } from '../../rpc/types.ts';
import { auditExport } from '../audit/stamps.ts';
import { outFile, unwritable } from '../exports/out-file.ts';
import { newToken, offer } from '../exports/tokens.ts';
import { assertSighted } from '../labels/visibility.ts';
import { changed } from '../projects/board.ts';
import { noteOpened, projectOf } from '../projects/registry.ts';
import { writeBundle } from './make.ts';
import { openBundle } from './open.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'exports.bundle' | 'projects.unbundle'>> {
  return {
    'exports.bundle': async ({ project: ref, rater, thumbnails, out: where }, { signal }) => {
      const project = await projectOf(ref);
      assertSighted(project.db, rater);
      if (thumbnails && !readPolicy().imagesInReports) throw new AppError('report.noImages');
      const out = where === undefined ? undefined : outFile(project, where);
      const token = out === undefined ? newToken() : null;
      const path = out ?? join(project.paths.tmp, `bundle-${token}.zip`);
      const { bytes, sha256, files } = await writeBundle(project, path, { thumbnails, signal }).catch(unwritable(path));
      const name = out === undefined ? 'bundle.zip' : basename(out);
      if (token !== null) offer(token, { from: path, name, bytes });
      auditExport(project, { what: 'bundle', rater, thumbnails, files, sha256: [sha256] });
      changed(project.id);
      return { files: [{ name, bytes, sha256, token }] };
    },
    'projects.unbundle': async ({ file, folder }, { signal }) => {
      const project = await openBundle(file, folder, signal);
      noteOpened(project);
      return { project: project.id };
    },
  };
}
