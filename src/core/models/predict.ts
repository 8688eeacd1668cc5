import { join, resolve } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import type { PredictionSummary } from '../../contract/runs.ts';
import type { CallContext, InputOf } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { fileHash } from '../db/backup.ts';
import type { Project } from '../db/open.ts';
import { outFile } from '../exports/out-file.ts';
import { writeNames } from '../predict/write-names.ts';

/**
 * Names images by a model file that was exported here or in another project. The engine looks the file through before
 * it runs anything of it.
 * @throws AppError `model.…`, `export.insideImages`, `folder.…`
 */
export async function predictByFile(
  { engine }: CoreContext,
  project: Project,
  input: InputOf<CoreCalls, 'models.predict'>,
  call: Pick<CallContext, 'signal' | 'progress'>,
): Promise<PredictionSummary> {
  const file = resolve(input.file);
  const { classes, run, arm } = await engine.call('model.open', { file }, { signal: call.signal });
  const out = outFile(project, input.out ?? join(input.folder ?? '.', `names-${run}-${arm}.csv`), input.images);
  const modelSha256 = await fileHash(file);
  const cacheFolder = project.paths.cache;
  return writeNames(
    project,
    { images: input.images, out, classes, run, arm, modelSha256, columns: [], told: () => new Map() },
    call,
    async (images, rowsFile, options) => {
      const asked = { file, cacheFolder, images, out: rowsFile };
      const { failed } = await engine.call('model.predict', asked, options);
      return { failed, unlike: null };
    },
  );
}
