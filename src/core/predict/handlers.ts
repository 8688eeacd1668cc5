import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { Handlers } from '../../rpc/types.ts';
import { auditExport } from '../audit/stamps.ts';
import type { CoreContext } from '../context.ts';
import { projectOf } from '../projects/registry.ts';
import { outFile, writeOut } from '../exports/out-file.ts';
import { armOf } from './arm.ts';
import { findRun } from '../runs/rows.ts';
import { readSpecification } from '../runs/specification.ts';
import { readRows } from '../runs/tensors.ts';
import { folderSources, projectSources } from './sources.ts';
import { predictionTable } from './table.ts';
import { readUserSettings } from '../settings/user.ts';

export function handlers({ engine }: CoreContext): Handlers<Pick<CoreCalls, 'predict'>> {
  return {
    predict: async (input, { signal, progress }) => {
      const begun = performance.now();
      const project = await projectOf(input.project);
      const run = findRun(project.db, input.run);
      const runFolder = join(project.paths.runs, run.id);
      const arm = await armOf(project, run, runFolder, input.arm);
      const specification = await readSpecification(runFolder);
      if (!specification) throw new AppError('run.noModel', { run: run.id, arm });
      const out = outFile(project, input.out, input.images);

      const { images, named, unread } = input.images
        ? await folderSources(project, input.images, signal)
        : projectSources(project);
      const rowsFile = join(project.paths.tmp, `predict-${run.id}-${process.hrtime.bigint()}.safetensors`);
      try {
        const { device } = readUserSettings();
        // The arm that is not applied is trained on all labels only when it is asked for.
        await engine.call('job.deploy', { runFolder, device, arm }, { signal });
        const { failed } = await engine.call(
          'job.predict',
          { runFolder, device, arm, images: [...images], out: rowsFile },
          { signal, onProgress: progress },
        );
        const byId = new Map(named.map((image) => [image.id, image]));
        const lost = failed.map(({ image, code }) => ({
          file: byId.get(image)?.file ?? '',
          group: byId.get(image)?.group ?? null,
          reason: `cannot be read now (${code})`,
        }));
        const classes = specification.manifest.classes.map(({ name }) => name);
        const rows = await readRows(rowsFile);
        const table = predictionTable(named, [...unread, ...lost], rows, classes, { arm, run: run.id });
        await writeOut(out, table.text);
        const sha256 = createHash('sha256').update(table.text).digest('hex');
        auditExport(project, { what: 'predictions', run: run.id, arm, images: table.images, sha256: [sha256] });
        return {
          run: run.id,
          arm,
          images: table.images,
          out,
          perClass: table.perClass,
          unreadable: unread.length + lost.length,
          seconds: (performance.now() - begun) / 1000,
        };
      } finally {
        rmSync(rowsFile, { force: true });
      }
    },
  };
}
