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
   * The pretrained weights with that hash; without one those that are there.
   * @param project folder of the project, which keeps imported weights; null for those that ship
   * @throws AppError `weights.…`
   */
  weights(backbone: Backbone, sha256: string | undefined, project: string | null): Promise<HostTree>;
  executor(choice: EngineChoice, device: Device): Promise<Executor>;
  pool(): ImagePool;
  readonly programs: Programs;
}

/** What a program holds while it is kept: a step that trains a backbone gigabytes, a pass through it little. */
export type Holds = 'step' | 'pass';

/** Compiled programs of a kind that a process keeps: jobs run one after the other, and none uses more at a time. */
const KEPT: Readonly<Record<Holds, number>> = { step: 1, pass: 3 };

/**
 * Compiled programs by key, so that cells of a run share one. Of each kind the one asked for least recently is given up
 * for a new one.
 */
export class Programs {
  readonly #kept = new Map<string, { holds: Holds; program: Promise<CompiledProgram> }>();

  /** @param key says everything the program was made from */
  async get(executor: Executor, holds: Holds, key: string, make: () => Program): Promise<CompiledProgram> {
    const name = `${executor.name} ${key}`;
    const compiled = this.#kept.get(name)?.program ?? executor.compile(make());
    this.#kept.delete(name);
    this.#kept.set(name, { holds, program: compiled });
    const [oldest, ...others] = [...this.#kept].filter(([, kept]) => kept.holds === holds);
    if (oldest && others.length >= KEPT[holds]) {
      this.#kept.delete(oldest[0]);
      await (await oldest[1].program).dispose();
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
    const compiled = given.map(([, { program }]) => program);
    for (const program of await Promise.allSettled(compiled))
      if (program.status === 'fulfilled') await program.value.dispose();
  }
}
