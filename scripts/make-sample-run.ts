// Computes the run that is shipped with the sample library, with the settings of `acclimate demo`:
//   node scripts/run.mjs scripts/make-sample-run.ts
// It trains with every label of the sample; the project it makes for that is thrown away.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { manifestSchema, scoredSchema } from '../src/contract/run-files.ts';
import { closeProjects } from '../src/core/db/projects.ts';
import { writeBatch } from '../src/core/labels/log.ts';
import { findRun } from '../src/core/runs/rows.ts';
import { sampleRater, sampleRun, sampleTruth } from '../src/core/sample/library.ts';
import { importSample } from '../src/core/sample/make.ts';
import { shippedFiles, shippedSchema, type Shipped } from '../src/core/sample/shipped.ts';
import { demoOptions } from '../src/cli/commands/demo.ts';
import { startHost } from '../src/server/host.ts';

const id = 'shipped';
/** As many passes as it says, however busy this computer is. */
const { budgetSeconds: _budget, ...demo } = demoOptions;
const base = mkdtempSync(join(tmpdir(), 'acclimate-sample-'));
const folder = join(base, 'project');
try {
  const project = await importSample(folder, { signal: new AbortController().signal, progress: () => {} });
  const truth = sampleTruth(project.db);
  const changes = truth.map(({ id: image, class: name }) => ({ image, kind: 'class' as const, class: name }));
  writeBatch(project.db, { rater: sampleRater, kind: 'import', changes: changes.sort(byClass) });
  const files = new Map(truth.map(({ id: image, file }) => [image, file]));
  await closeProjects();

  const host = startHost({
    debug: false,
    onNotice: ({ process: name, what }) => process.stderr.write(`${name} ${what}\n`),
  });
  const core = host.connect();
  const end = await core.call(
    'runs.start',
    { ...demo, project: folder },
    { onProgress: ({ stage, fraction }) => process.stderr.write(`\r${stage} ${Math.round(fraction * 100)} %   `) },
  );
  core.close();
  await host.stop();
  await save(end.run, files);
} finally {
  await closeProjects();
  rmSync(base, { recursive: true, force: true });
}

function byClass(a: { class: string }, b: { class: string }): number {
  return a.class < b.class ? -1 : a.class > b.class ? 1 : 0;
}

async function save(run: string, fileOf: ReadonlyMap<number, string>): Promise<void> {
  const from = join(folder, 'runs', run);
  const read = <S extends z.ZodType>(name: string, schema: S): z.infer<S> =>
    schema.parse(JSON.parse(readFileSync(join(from, name), 'utf8'))) as z.infer<S>;
  const manifest = read('manifest.json', manifestSchema);
  const scored = read('scored.json', scoredSchema);
  const files = [...fileOf.values()].sort();
  const places = new Map(files.map((file, place) => [file, place]));
  const placeOf = (image: number): number => places.get(fileOf.get(image) ?? '') ?? -1;
  const { useProject } = await import('../src/core/db/projects.ts');
  const { db } = await useProject(folder, { readOnly: true });
  const row = findRun(db, run);
  const { project: _, ...options } = row.startedWith.options;
  const shipped: Shipped = shippedSchema.parse({
    id,
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
    seconds: row.seconds,
    summary: row.summary,
    labels: manifest.training.length + manifest.check.length,
    options,
    notes: row.startedWith.notes,
    files,
    classes: manifest.classes.map(({ name }) => name),
    adapt: manifest.adapt.map(placeOf),
    training: manifest.training.map(({ image, class: index }) => ({ image: placeOf(image), class: index })),
    draws: manifest.draws.map(({ train }) => train.map(placeOf)),
    check: manifest.check.map(placeOf),
  });
  rmSync(sampleRun, { recursive: true, force: true });
  for (const name of shippedFiles) {
    mkdirSync(dirname(join(sampleRun, name)), { recursive: true });
    cpSync(join(from, name), join(sampleRun, name));
    // The run has one name in every project.
    const text = readFileSync(join(sampleRun, name), 'utf8');
    writeFileSync(join(sampleRun, name), text.replaceAll(`"${run}"`, `"${id}"`));
  }
  const images = scored.images.map((image) => ({
    ...image,
    image: placeOf(image.image),
    cluster: placeOf(image.image),
  }));
  writeFileSync(join(sampleRun, 'scored.json'), `${JSON.stringify({ ...scored, images })}\n`);
  writeFileSync(join(sampleRun, 'run.json'), `${JSON.stringify(shipped)}\n`);
}
