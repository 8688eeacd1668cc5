import type { Device } from '../../contract/machine.ts';
import type { RunSpec } from '../../contract/run-files.ts';
import type { ImagePool } from '../../images/pool.ts';
import type { Backbone } from '../backbones/types.ts';
import type { CompiledProgram, Executor, HostTree, Program } from '../nn/types.ts';

export type EngineChoice = RunSpec['engine'];

/** What jobs need of the rest of the engine. Tests give small backbones through it. */
export interface EngineServices {
  backbone(name: string): Backbone;
  /**
   * The pretrained weights with that hash.
   * @param project folder of the project, which keeps imported weights; null for those that ship
   * @throws AppError `weights.…`
   */
  weights(backbone: Backbone, sha256: string, project: string | null): Promise<HostTree>;
  executor(choice: EngineChoice, device: Device): Promise<Executor>;
  pool(): ImagePool;
  readonly programs: Programs;
}

/** Compiled programs a process keeps: one that trains and one that embeds. A step holds gigabytes while it is kept. */
const KEPT = 2;

/**
 * Compiled programs by key, so that cells of a run share one. The one asked for least recently is given up for a new
 * one: jobs of one engine run one after the other, and none uses more than two at a time.
 */
export class Programs {
  readonly #kept = new Map<string, Promise<CompiledProgram>>();

  /** @param key says everything the program was made from */
  async get(executor: Executor, key: string, make: () => Program): Promise<CompiledProgram> {
    const name = `${executor.name} ${key}`;
    const compiled = this.#kept.get(name) ?? executor.compile(make());
    this.#kept.delete(name);
    this.#kept.set(name, compiled);
    const [oldest] = this.#kept;
    if (this.#kept.size > KEPT && oldest) {
      this.#kept.delete(oldest[0]);
      await (await oldest[1]).dispose();
    }
    compiled.catch(() => this.#kept.delete(name));
    return compiled;
  }

  clear(): Promise<void> {
    return this.drop('');
  }

  /** Gives up what was made under keys that hold a text, and its memory. */
  async drop(text: string): Promise<void> {
    const given = [...this.#kept].filter(([name]) => name.includes(text));
    for (const [name] of given) this.#kept.delete(name);
    const compiled = given.map(([, program]) => program);
    for (const program of await Promise.allSettled(compiled))
      if (program.status === 'fulfilled') await program.value.dispose();
  }
}
