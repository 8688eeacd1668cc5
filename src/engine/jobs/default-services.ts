import { AppError } from '../../contract/errors.ts';
import { projectWeightsFolder } from '../../files/weights-folder.ts';
import { createImagePool, type ImagePool } from '../../images/pool.ts';
import { backbone } from '../backbones/registry.ts';
import type { Executor } from '../nn/types.ts';
import { createExecutor } from '../runtime/executor.ts';
import { loadBackboneWeights } from '../weights/load.ts';
import { findWeights } from '../weights/manifest.ts';
import { Programs, type EngineServices } from './services.ts';

/** The engine as it ships: one executor per choice and one pool of decoders, made when first needed. */
export function createServices(): EngineServices {
  const executors = new Map<string, Promise<Executor>>();
  let pool: ImagePool | null = null;
  return {
    backbone,
    programs: new Programs(),
    async weights(wanted, sha256, project) {
      const found = await findWeights(wanted.name, project === null ? [] : [projectWeightsFolder(project)], sha256);
      if (!found) throw new AppError('weights.none', { backbone: wanted.name });
      return loadBackboneWeights(wanted, found.path, sha256);
    },
    executor(choice, device) {
      const key = `${choice} ${device}`;
      const executor = executors.get(key) ?? createExecutor(choice, { device });
      executors.set(key, executor);
      executor.catch(() => executors.delete(key));
      return executor;
    },
    pool: () => (pool ??= createImagePool()),
  };
}
