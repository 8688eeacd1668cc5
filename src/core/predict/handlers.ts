import { join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { outFile } from '../exports/out-file.ts';
import { projectOf } from '../projects/registry.ts';
import { findRun } from '../runs/rows.ts';
import { readSpecification } from '../runs/specification.ts';
import { readUserSettings } from '../settings/user.ts';
import { armOf } from './arm.ts';
import { tableValues } from './table-values.ts';
import { writeNames } from './write-names.ts';

export function handlers({ engine }: CoreContext): Handlers<Pick<CoreCalls, 'predict'>> {
  return {
    predict: async (input, call) => {
      const project = await projectOf(input.project);
      const run = findRun(project.db, input.run);
      const runFolder = join(project.paths.runs, run.id);
      const arm = await armOf(project, run, runFolder, input.arm);
      const specification = await readSpecification(runFolder);
      if (!specification) throw new AppError('run.noModel', { run: run.id, arm });
      const classes = specification.manifest.classes.map(({ name }) => name);
      const out = outFile(project, input.out, input.images);
      const { columns = [] } = specification.manifest;
      const told = tableValues(input, run.id, columns);
      const { device } = readUserSettings();
      const wanted = { images: input.images, out, classes, run: run.id, arm, columns, told };
      let deployed: Promise<unknown> | undefined;
      return writeNames(project, wanted, call, async (images, rowsFile, options) => {
        // The arm that is not applied is trained on all labels only when it is asked for.
        await (deployed ??= engine.call('job.deploy', { runFolder, device, arm }, { signal: call.signal }));
        return engine.call('job.predict', { runFolder, device, arm, images, out: rowsFile }, options);
      });
    },
  };
}
