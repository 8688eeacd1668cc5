import Database from 'better-sqlite3';
import { join } from 'node:path';
import { readSafetensors } from '../src/engine/weights/safetensors.ts';

export interface Library {
  readonly classes: number;
  /** Row of features and class of each image, by side. */
  readonly training: readonly { row: number; label: number }[];
  readonly check: readonly { row: number; label: number }[];
  /** Features of some of them, [some.length, mean.length]. */
  rowsOf(some: readonly { row: number }[]): Float32Array;
  readonly mean: Float32Array;
}

/** Labelled images of a project with the features that `acclimate embed` wrote. */
export async function libraryOf(file: string, project: string): Promise<Library> {
  const { tensors } = await readSafetensors(file);
  const db = new Database(join(project, 'project.db'), { readonly: true });
  const rows = db
    .prepare<[], { id: number; side: string; class: string }>(
      `SELECT image.id AS id, side, counting_label.class AS class FROM image JOIN counting_label ON image.id = counting_label.image`,
    )
    .all();
  db.close();
  const names = [...new Set(rows.map((row) => row.class))].sort();
  const rowOf = new Map([...tensors['ids']!.data].map((id, row) => [id, row]));
  const of = (side: string) =>
    rows.flatMap((row) => {
      const at = rowOf.get(row.id);
      return row.side === side && at !== undefined ? [{ row: at, label: names.indexOf(row.class) }] : [];
    });
  const features = tensors['features']!.data as Float32Array;
  const mean = tensors['mean']!.data as Float32Array;
  const width = mean.length;
  return {
    classes: names.length,
    training: of('training'),
    check: of('check'),
    rowsOf: (some) => {
      const out = new Float32Array(some.length * width);
      some.forEach(({ row }, i) => out.set(features.subarray(row * width, (row + 1) * width), i * width));
      return out;
    },
    mean,
  };
}
