import type { EngineServices } from '../../../src/engine/jobs/services.ts';
import { Programs } from '../../../src/engine/jobs/services.ts';
import type { CompiledProgram, Executor, HostTree, StepInputs } from '../../../src/engine/nn/types.ts';

/** Compiled once per engine underneath and disposed with it; only the watching is new each time. */
const compiledBy = new WeakMap<EngineServices, Map<string, Promise<CompiledProgram>>>();

/**
 * The same engine with an eye on every step: `onStep` is called after each with the program's name and the number of images in it, and may
 * change its metrics, or throw as a crash would.
 */
export function watched(
  services: EngineServices,
  onStep: (program: string, metrics: HostTree, images: number) => HostTree | undefined,
): EngineServices {
  const compiled = compiledBy.get(services) ?? new Map<string, Promise<CompiledProgram>>();
  compiledBy.set(services, compiled);
  const watch = (name: string, inner: CompiledProgram): CompiledProgram => ({
    load: (state) => inner.load(state),
    read: () => inner.read(),
    dispose: () => Promise.resolve(),
    async run(inputs) {
      const metrics = await inner.run(inputs);
      return onStep(name, metrics, batchOf(inputs)) ?? metrics;
    },
  });
  const executor = async (...choice: Parameters<EngineServices['executor']>): Promise<Executor> => {
    const inner = await services.executor(...choice);
    return {
      name: inner.name,
      dispose: () => Promise.resolve(),
      async compile(program) {
        const key = `${program.name} ${JSON.stringify(program.signature)}`;
        const underneath = compiled.get(key) ?? inner.compile(program);
        compiled.set(key, underneath);
        return watch(program.name, await underneath);
      },
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

/** Images of a step: the first side of what it was fed. */
const batchOf = ({ batch }: Pick<StepInputs<HostTree>, 'batch'>): number => Object.values(batch)[0]?.shape[0] ?? 0;
