import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { manifestSchema, runSpecSchema, scoredSchema, type Manifest } from '../../contract/run-files.ts';
import { runOptionsSchema } from '../../contract/runs.ts';
import { resultsSchema } from '../../contract/results.ts';
import { writeRunJson } from '../../files/run-json.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { aboutOf } from '../runs/about.ts';
import { resultHashes } from '../runs/result-hashes.ts';
import { changeState, insertRun } from '../runs/rows.ts';
import { splitVersion } from '../splits/assign.ts';
import { manifestImages } from '../splits/sides.ts';
import { sampleRun } from './library.ts';

/**
 * A finished run as it is shipped: images by their place in `files`, since a project gives them numbers of its own.
 * Written by `scripts/make-sample-run.ts`.
 */
export const shippedSchema = z.object({
  id: z.string(),
  createdAt: z.string(),
  finishedAt: z.string(),
  seconds: z.number(),
  summary: z.string(),
  labels: z.int(),
  options: runOptionsSchema.omit({ project: true }),
  notes: z.array(z.string()),
  files: z.array(z.string()),
  classes: z.array(z.string()),
  adapt: z.array(z.int()),
  training: z.array(z.object({ image: z.int(), class: z.int() })),
  draws: z.array(z.array(z.int())),
  check: z.array(z.int()),
});
export type Shipped = z.infer<typeof shippedSchema>;

/** Files of the run that hold no number of an image. */
export const shippedFiles = ['spec.json', 'scores.json', 'adapt/seed-0.json'] as const;

const parsed = async <S extends z.ZodType>(name: string, schema: S): Promise<z.infer<S>> =>
  schema.parse(JSON.parse(await readFile(join(sampleRun, name), 'utf8'))) as z.infer<S>;

/** Puts the shipped run into a project of the sample, to be read; it has no model to apply. */
export async function installShipped(project: Project): Promise<void> {
  const { db, paths } = project;
  const shipped = await parsed('run.json', shippedSchema);
  const scored = await parsed('scored.json', scoredSchema);
  await parsed('scores.json', resultsSchema);
  const spec = await parsed('spec.json', runSpecSchema);
  const rows = db.prepare<[], { id: number; file: string }>(`SELECT id, file FROM image WHERE role = 'main'`).all();
  const ids = new Map(rows.map(({ id, file }) => [file, id]));
  const idOf = (place: number): number => {
    const id = ids.get(shipped.files[place] ?? '');
    if (id === undefined) throw new Error('the shipped run is of other images');
    return id;
  };
  const folder = join(paths.runs, shipped.id);
  await mkdir(join(folder, 'adapt'), { recursive: true, mode: 0o700 });
  for (const name of shippedFiles) await copyFile(join(sampleRun, name), join(folder, name));
  const manifest = manifestOf(project, shipped, idOf);
  await writeRunJson(join(folder, 'manifest.json'), manifest);
  const images = scored.images.map((image) => ({ ...image, image: idOf(image.image), cluster: idOf(image.image) }));
  await writeRunJson(join(folder, 'scored.json'), scoredSchema.parse({ ...scored, images }));
  const { id, createdAt, summary, options, notes, labels } = shipped;
  transact(db, () => {
    const run = { id, kind: 'one-click', createdAt, summary, notes, labels, split: splitVersion(db) } as const;
    const about = aboutOf({ spec, manifest });
    insertRun(db, { ...run, about, options: { ...options, project: project.folder } });
    changeState(db, id, 'running');
    changeState(db, id, 'finished', { summary, fraction: 1, seconds: shipped.seconds, files: resultHashes(folder) });
    db.prepare(`UPDATE run SET shipped = 1, finished_at = ? WHERE id = ?`).run(shipped.finishedAt, id);
  });
}

function manifestOf(project: Project, shipped: Shipped, idOf: (place: number) => number): Manifest {
  const classIds = new Map(
    project.db
      .prepare<[], { id: number; name: string }>(`SELECT id, name FROM class`)
      .all()
      .map(({ id, name }) => [name, id]),
  );
  const training = shipped.training.map(({ image, class: index }) => ({
    image: idOf(image),
    class: index,
    group: idOf(image) * 2 + 1,
  }));
  const adapt = shipped.adapt.map(idOf);
  const check = shipped.check.map(idOf);
  const used = [...adapt, ...training.map(({ image }) => image), ...check];
  return manifestSchema.parse({
    version: 1,
    cacheFolder: project.paths.cache,
    images: manifestImages(project, used),
    classes: shipped.classes.map((name) => ({ id: classIds.get(name) ?? 0, name })),
    adapt,
    training,
    draws: shipped.draws.map((train) => ({ train: train.map(idOf) })),
    check,
  });
}
