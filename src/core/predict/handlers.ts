import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { ArmName } from '../../contract/run-files.ts';
import type { Handlers } from '../../rpc/types.ts';
import { appendAudit } from '../audit/log.ts';
import type { CoreContext } from '../context.ts';
import { transact } from '../db/errors.ts';
import { useProject } from '../db/projects.ts';
import { outFile, writeOut } from '../exports/out-file.ts';
import { readResults } from '../runs/results-file.ts';
import { findRun, type StoredRun } from '../runs/rows.ts';
import { readSpecification } from '../runs/specification.ts';
import { readRows } from '../runs/tensors.ts';
import { folderSources, projectSources } from './sources.ts';
import { predictionTable } from './table.ts';

export function handlers({ engine }: CoreContext): Handlers<Pick<CoreCalls, 'predict'>> {
  return {
    predict: async (input, { signal, progress }) => {
      const begun = performance.now();
      const project = await useProject(input.project);
      const run = findRun(project.db, input.run);
      const runFolder = join(project.paths.runs, run.id);
      const arm = await armOf(run, runFolder, input.arm);
      const specification = await readSpecification(runFolder);
      if (!specification) throw new AppError('run.noModel', { run: run.id, arm });
      const out = outFile(project, input.out, input.images);

      const { images, named, unread } = input.images
        ? await folderSources(project, input.images, signal)
        : projectSources(project);
      const rowsFile = join(project.paths.tmp, `predict-${run.id}-${process.hrtime.bigint()}.safetensors`);
      try {
        // The arm that is not applied is trained on all labels only when it is asked for.
        await engine.call('job.deploy', { runFolder, arm }, { signal });
        const { failed } = await engine.call(
          'job.predict',
          { runFolder, arm, images: [...images], out: rowsFile },
          { signal, onProgress: progress },
        );
        const byId = new Map(named.map((image) => [image.id, image]));
        const lost = failed.map(({ image, code }) => ({
          file: byId.get(image)?.file ?? '',
          group: byId.get(image)?.group ?? null,
          reason: `cannot be read now (${code})`,
        }));
        const classes = specification.manifest.classes.map(({ name }) => name);
        const rows = await readRows(rowsFile, 'probabilities');
        const table = predictionTable(named, [...unread, ...lost], rows, classes, { arm, run: run.id });
        await writeOut(out, table.text);
        const sha256 = createHash('sha256').update(table.text).digest('hex');
        transact(project.db, () =>
          appendAudit(project.db, 'export', { what: 'predictions', run: run.id, arm, images: table.images, sha256 }),
        );
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

/** The arm that is applied: the one asked for, else what the results say, else, after a collapse, the plain one. */
async function armOf(run: StoredRun, runFolder: string, wanted: ArmName | undefined): Promise<ArmName> {
  if (run.kind !== 'one-click' && run.kind !== 'finetune') {
    throw new AppError('run.noModel', { run: run.id, arm: wanted ?? 'plain' });
  }
  if (run.state === 'finished') return wanted ?? (await readResults(runFolder, run)).deployed;
  const plainIsThere = run.state === 'stopped' && existsSync(join(runFolder, 'models', 'deploy-plain-0.safetensors'));
  if (plainIsThere && wanted !== 'adapted') return 'plain';
  throw new AppError('run.noModel', { run: run.id, arm: wanted ?? 'plain' });
}
