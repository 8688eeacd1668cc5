import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { monitorRowSchema, type MonitorRow } from '../../contract/run-files.ts';
import type { HostTree } from '../nn/types.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';

/** All that a training needs to go on as if it had never stopped. */
export interface SavedPoint {
  /** Steps done. */
  readonly step: number;
  readonly state: HostTree;
  /** Sum of losses of the running epoch, and the rows of those before. */
  readonly lossSum: number;
  /** The same of the metric that shows the method failing. */
  readonly signSum: number;
  readonly monitor: readonly MonitorRow[];
  /** Factor on the backbone's rate: 1, or less after numbers ran out of range. */
  readonly rateFactor: number;
  /** Images of a step: those of the specification, or fewer after memory ran out. */
  readonly batch: number;
}

/** Enough to go back where the newest turns out damaged. */
const KEPT = 2;

const metadataSchema = z.object({
  step: z.coerce.number().int().nonnegative(),
  lossSum: z.coerce.number(),
  signSum: z.coerce.number().default(0),
  rateFactor: z.coerce.number(),
  batch: z.coerce.number().int().positive(),
  monitor: z.string().transform((text) => z.array(monitorRowSchema).parse(JSON.parse(text))),
  stateSha256: z.string(),
});

/** sha256 over names, shapes and values of a tree. */
export function hashTree(tree: HostTree): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(tree).sort()) {
    const { shape, dtype, data } = tree[name] as HostTree[string];
    hash.update(`${name} ${dtype} ${shape.join('x')};`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/** The saved points of one training, beside the file its result will have. */
export class SavedPoints {
  readonly #stem: string;

  /** @param stem path without ending, such as `…/adapt/seed-0` */
  constructor(stem: string) {
    this.#stem = stem;
  }

  /**
   * Writes a point and forgets all but the last two.
   * @throws AppError `disk.full`; the points before are intact
   */
  async save({ step, state, lossSum, signSum, monitor, rateFactor, batch }: SavedPoint): Promise<void> {
    await writeSafetensors(`${this.#stem}.point-${String(step).padStart(9, '0')}.safetensors`, state, {
      step: String(step),
      lossSum: String(lossSum),
      signSum: String(signSum),
      rateFactor: String(rateFactor),
      batch: String(batch),
      monitor: JSON.stringify(monitor),
      stateSha256: hashTree(state),
    });
    for (const path of (await this.#paths()).slice(KEPT)) await rm(path, { force: true });
  }

  /** The newest point that is whole, or null. Damaged ones are removed: they must not take the place of a whole one. */
  async load(): Promise<SavedPoint | null> {
    for (const path of await this.#paths()) {
      const point = await read(path);
      if (point) return point;
      await rm(path, { force: true });
    }
    return null;
  }

  async clear(): Promise<void> {
    for (const path of await this.#paths()) await rm(path, { force: true });
  }

  /** Newest first. */
  async #paths(): Promise<string[]> {
    const folder = dirname(this.#stem);
    const prefix = `${basename(this.#stem)}.point-`;
    const names = await readdir(folder).catch(() => []);
    return names
      .filter((name) => name.startsWith(prefix) && name.endsWith('.safetensors'))
      .sort()
      .reverse()
      .map((name) => join(folder, name));
  }
}

async function read(path: string): Promise<SavedPoint | null> {
  try {
    const { tensors, metadata } = await readSafetensors(path);
    const { stateSha256, ...rest } = metadataSchema.parse(metadata);
    return stateSha256 === hashTree(tensors) ? { ...rest, state: tensors } : null;
  } catch (error) {
    // A file cut short or garbled is why the point before is kept.
    if (error instanceof AppError || error instanceof z.ZodError || error instanceof SyntaxError) return null;
    throw error;
  }
}
