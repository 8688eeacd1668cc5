import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { importInputSchema, type LibrarySummary } from '../../../src/contract/library.ts';
import { AppError, type ErrorCode } from '../../../src/contract/errors.ts';
import { openProject, type Project } from '../../../src/core/db/open.ts';
import { checkImportInput, importLibrary } from '../../../src/core/library/import.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { createImagePool } from '../../../src/images/pool.ts';
import { png, scratch } from '../images/files.ts';

export const pool = createImagePool({ size: 2 });
after(() => pool.close());

/** A picture of 4×4 random blocks: no two seeds look alike. */
export function picture(seed: number, side = 16): Buffer {
  const values = generator(seed, 'picture').uniform(48);
  const block = side / 4;
  return png(side, side, (x, y) => {
    const at = (Math.floor(y / block) * 4 + Math.floor(x / block)) * 3;
    return [values[at]! * 255, values[at + 1]! * 255, values[at + 2]! * 255];
  });
}

export function put(folder: string, file: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), bytes);
}

/** Image folder and project folder beside each other. */
export function places(t: TestContext): { images: string; project: string } {
  const root = scratch(t);
  const images = join(root, 'images');
  mkdirSync(images);
  return { images, project: join(root, 'project') };
}

/** Classes × images per class, named `<class>/<group>_<n>.png` with `groups` groups. */
export function fill(images: string, classes: readonly string[], each: number, groups = 0): void {
  let seed = 0;
  for (const name of classes) {
    for (let i = 0; i < each; i++) {
      const group = groups ? `P${i % groups}_` : '';
      put(images, `${name}/${group}${name}${i}.png`, picture(seed++));
    }
  }
}

export interface Imported {
  readonly project: Project;
  readonly summary: LibrarySummary;
}

/** Imports into a project that closes with the test. */
export async function importInto(
  t: TestContext,
  where: { images: string; project: string },
  more: Record<string, unknown> = {},
): Promise<Imported> {
  const input = checkImportInput(importInputSchema.parse({ folder: where.images, project: where.project, ...more }));
  const project = await openProject(where.project, { create: true });
  t.after(() => project.close());
  try {
    return { project, summary: await importLibrary(project, input, { pool, progress: () => {} }) };
  } catch (error) {
    project.close();
    throw error;
  }
}

/** Imports and closes, so that it can be done again. */
export async function importOnce(
  t: TestContext,
  where: { images: string; project: string },
  more: Record<string, unknown> = {},
): Promise<LibrarySummary> {
  const { project, summary } = await importInto(t, where, more);
  project.close();
  return summary;
}

export const failsWith =
  (code: ErrorCode) =>
  (error: unknown): boolean => {
    if (!(error instanceof AppError)) throw error;
    if (error.code !== code) throw new Error(`${error.code} instead of ${code}: ${error.message}`);
    const { message, safe, action } = error.toShape();
    for (const sentence of [message, safe, action]) {
      if (/\{(?!group)\w+\}/.test(sentence)) throw new Error(`not filled in: ${sentence}`);
    }
    return true;
  };
