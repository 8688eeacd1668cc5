import { dirname, join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Method, Settings } from '../methods/types.ts';
import type { HostTree } from '../nn/types.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import type { Job } from './job.ts';
import { openRun } from './run-folder.ts';

/**
 * Weights of the teacher that a method's settings name: what a run of the same project made of it with its first seed,
 * or as it comes. Null where the method names none.
 * @throws AppError `method.setting` where the run adapted another backbone, `job.not-adapted`, `weights.…`
 */
export async function teacherOf(job: Job, method: Method, settings: Settings): Promise<HostTree | null> {
  const named = method.teacher?.(settings);
  if (!named) return null;
  const project = dirname(dirname(job.run.folder));
  if (named.run === '') return job.services.weights(job.services.backbone(named.backbone), undefined, project);
  const refused = (): AppError =>
    new AppError('method.setting', { method: method.name, setting: 'teacherRun', value: named.run });
  if (!/^[a-z0-9-]+$/.test(named.run)) throw refused();
  const run = await openRun(join(project, 'runs', named.run)).catch((cause: unknown) => {
    throw cause instanceof AppError && cause.code === 'job.run-folder' ? refused() : cause;
  });
  if (run.spec.backbone.name !== named.backbone) throw refused();
  return (await readSafetensors(`${run.paths.adapt(0)}.safetensors`)).tensors;
}
