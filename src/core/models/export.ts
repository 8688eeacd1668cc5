import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { ArmName, ManifestImage } from '../../contract/run-files.ts';
import type { CallContext, InputOf, OutputOf } from '../../rpc/types.ts';
import { listBatches, thresholdOf } from '../apply/batches.ts';
import { sha256 } from '../audit/log.ts';
import { auditExport } from '../audit/stamps.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { outFile, unwritable, writeOut } from '../exports/out-file.ts';
import { armOf } from '../predict/arm.ts';
import { manifestImages } from '../splits/sides.ts';
import { changed } from '../projects/board.ts';
import { projectName } from '../projects/name.ts';
import { readResults } from '../runs/results-file.ts';
import { findRun } from '../runs/rows.ts';
import { readSpecification } from '../runs/specification.ts';
import { readUserSettings } from '../settings/user.ts';
import { modelCard } from './card.ts';
import { testImage } from './test-image.ts';

type Input = InputOf<CoreCalls, 'models.export'>;
type Exported = OutputOf<CoreCalls, 'models.export'>;

/** Images of the project that the file is tried on, beside the made-up one. */
const TRIED = 31;
const snippetFile = new URL('./predict.py', import.meta.url);

/**
 * Writes the applied model of a run and all that belongs to it into a folder of its own. Names of files and groups stay
 * in the project.
 * @throws AppError `run.noModel`, `model.columns`, `export.insideImages`, `export.unwritable`, `model.unverified`:
 * nothing is left then
 */
export async function exportModel(
  { engine }: CoreContext,
  project: Project,
  input: Input,
  { signal, progress }: Pick<CallContext, 'signal' | 'progress'>,
): Promise<Exported> {
  const run = findRun(project.db, input.run);
  const runFolder = join(project.paths.runs, run.id);
  const arm = await armOf(project, run, runFolder, input.arm);
  const specification = await readSpecification(runFolder);
  if (!specification) throw new AppError('run.noModel', { run: run.id, arm });
  const { spec, manifest } = specification;
  const { columns = [] } = manifest;
  if (columns.length > 0) throw new AppError('model.columns', { columns: columns.map(({ name }) => name).join(', ') });
  const classes = manifest.classes.map(({ name }) => name);
  const folder = outFile(project, join(input.folder, `model-${run.id}-${arm}`));
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(unwritable(folder));
  const place = (name: string): string => join(folder, name);

  const { device } = readUserSettings();
  const picture = await testImage(spec.recordSide);
  const pictureFile = join(project.paths.tmp, `test-image-${process.hrtime.bigint()}.png`);
  try {
    await writeFile(pictureFile, picture, { mode: 0o600 });
    await engine.call('job.deploy', { runFolder, device, arm }, { signal });
    const images = imagesToTry(project, { path: pictureFile, hash: sha256(picture) });
    const about = {
      acclimate: packageJson.version,
      createdAt: new Date().toISOString(),
      thresholds: thresholdsOf(project, run.id, arm, classes),
    };
    const out = place('model.onnx');
    const asked = { runFolder, device, arm, images, about, out };
    const made = await engine.call('job.export', asked, { signal, onProgress: progress });
    const { metadata, first, distance } = made;
    const snippet = await readFile(snippetFile, 'utf8');
    const results = run.state === 'finished' ? await readResults(runFolder, run) : null;
    const tried = { images: made.images, distance };
    const facts = { project: projectName(project), metadata, sha256: made.sha256, spec, manifest, results };
    const contents: [string, string | Buffer][] = [
      ['model-card.md', modelCard({ ...facts, tried, snippet })],
      ['classes.json', json(metadata)],
      ['predict.py', snippet],
      ['test-image.png', picture],
      ['test-image.json', json({ image: 'test-image.png', classes, probabilities: first })],
    ];
    const files = [{ name: 'model.onnx', bytes: made.bytes, sha256: made.sha256 }];
    for (const [name, content] of contents) {
      await writeOut(place(name), content);
      files.push({ name, bytes: Buffer.byteLength(content), sha256: sha256(content) });
    }
    const hashes = files.map((file) => file.sha256);
    auditExport(project, { what: 'model', run: run.id, arm, rater: input.rater, sha256: hashes });
    changed(project.id);
    return { run: run.id, arm, folder, files, images: made.images, distance };
  } catch (error) {
    // Where nothing came to lie in it, the folder goes again.
    await rmdir(folder).catch(() => {});
    throw error;
  } finally {
    await rm(pictureFile, { force: true });
  }
}

/** Nothing of a name reads as markup where JSON is put into a page as it is. */
const json = (value: unknown): string => `${JSON.stringify(value, null, 2).replaceAll('<', '\\u003c')}\n`;

/** The made-up picture, then images of the project from all over it. */
function imagesToTry(project: Project, picture: Omit<ManifestImage, 'id'>): ManifestImage[] {
  const ids = project.db
    .prepare<[], number>(`SELECT id FROM image WHERE role = 'main' AND state = 'ok' ORDER BY id`)
    .pluck()
    .all();
  const step = Math.max(1, ids.length / TRIED);
  const picked = Array.from({ length: Math.min(TRIED, ids.length) }, (_, i) => ids[Math.floor(i * step)]!);
  const some = picked.length > 0 ? manifestImages(project, picked) : [];
  return [{ id: 1 + Math.max(0, ...some.map(({ id }) => id)), ...picture }, ...some];
}

/** Those of the newest naming by this model; 0 where nobody has set any: nothing is left undecided. */
function thresholdsOf({ db }: Project, run: string, arm: ArmName, classes: readonly string[]): number[] {
  const batch = listBatches(db).find((each) => each.run === run && each.arm === arm);
  return classes.map((_, index) => (batch ? thresholdOf(batch, index) : 0));
}
