import type { EngineServices } from '../../../src/engine/jobs/services.ts';
import { Programs } from '../../../src/engine/jobs/services.ts';
import type { CompiledProgram, Executor, HostTree } from '../../../src/engine/nn/types.ts';

/**
 * The same engine with an eye on every step: `onStep` is called after each with the program's name and may change its
 * metrics, or throw as a crash would.
 */
export function watched(
  services: EngineServices,
  onStep: (program: string, metrics: HostTree) => HostTree | undefined,
): EngineServices {
  const watch = (name: string, inner: CompiledProgram): CompiledProgram => ({
    load: (state) => inner.load(state),
    read: () => inner.read(),
    dispose: () => inner.dispose(),
    async run(inputs) {
      const metrics = await inner.run(inputs);
      return onStep(name, metrics) ?? metrics;
    },
  });
  // Compiled once by the engine underneath; only the watching is new.
  const executor = async (choice: Parameters<EngineServices['executor']>[0]): Promise<Executor> => {
    const inner = await services.executor(choice);
    return {
      name: inner.name,
      dispose: () => Promise.resolve(),
      compile: async (program) =>
        watch(program.name, await services.programs.get(inner, `watched ${program.name}`, () => program)),
    };
  };
  return {
    backbone: (name) => services.backbone(name),
    weights: (backbone, sha256, project) => services.weights(backbone, sha256, project),
    pool: () => services.pool(),
    programs: new Programs(),
    executor,
  };
}
