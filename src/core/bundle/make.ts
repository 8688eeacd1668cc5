import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import packageJson from '../../../package.json' with { type: 'json' };
import { writeWhole } from '../../files/whole.ts';
import { projectWeightsFolder } from '../../files/weights-folder.ts';
import { copyDatabase, fileHash } from '../db/backup.ts';
import type { Project } from '../db/open.ts';
import { plainNames } from '../exports/anonymous.ts';
import { labels } from '../exports/tables.ts';
import { tableInMemory } from '../exports/write.ts';
import { projectName } from '../projects/name.ts';
import { listRuns } from '../runs/rows.ts';
import { isActive } from '../runs/states.ts';
import { Counted } from './counted.ts';
import { bundledFolders, bundleFile, type Bundle } from './format.ts';

/** These are numbers already: packing them takes long and saves little. */
const dense = /\.(?:safetensors|jpg)$/;

/**
 * Writes a project as one zip, whole or not at all.
 * @returns what a caller puts into the audit log
 */
export async function writeBundle(
  project: Project,
  out: string,
  { thumbnails, signal }: { readonly thumbnails: boolean; readonly signal: AbortSignal },
): Promise<{ bytes: number; sha256: string; files: number }> {
  const { db, paths, folder } = project;
  const copy = join(paths.tmp, `bundle-${process.pid}-${Date.now()}.db`);
  try {
    // What a run writes now would be another by the time it is packed; where it is opened, the run was interrupted.
    const active = new Set(listRuns(db).flatMap(({ id, state }) => (isActive(state) ? [id] : [])));
    const stamp = await copyDatabase(db, copy);
    const table = tableInMemory(labels(project, plainNames), { format: 'plain', locale: 'en' });
    const from = [
      { path: 'project.db', file: copy },
      ...(await filesBelow(paths.runs, bundledFolders.runs)).filter(
        ({ path }) => !active.has(path.split('/')[1] ?? ''),
      ),
      ...(await filesBelow(projectWeightsFolder(folder), bundledFolders.weights)),
      ...(thumbnails ? await filesBelow(paths.thumbnails, bundledFolders.thumbnails) : []),
    ];
    const files: Bundle['files'] = [{ path: 'labels.csv', bytes: table.bytes, sha256: table.sha256 }];
    for (const { path, file } of from) {
      signal.throwIfAborted();
      files.push({ path, bytes: (await stat(file)).size, sha256: await fileHash(file) });
    }
    const bundle: Bundle = {
      version: 1,
      createdAt: new Date().toISOString(),
      acclimate: packageJson.version,
      project: { id: project.id, name: projectName(project) },
      ...stamp,
      files,
    };
    const zip = new ZipFile();
    // First, so that whoever opens it knows at once what must be there.
    zip.addBuffer(Buffer.from(JSON.stringify(bundle, null, 1)), bundleFile);
    zip.addBuffer(table.data, 'labels.csv');
    for (const { path, file } of from) zip.addFile(file, path, { compress: !dense.test(path) });
    zip.end();
    const counted = new Counted();
    const packed = Readable.from(zip.outputStream);
    packed.on('error', (error) => counted.destroy(error));
    zip.on('error', (error) => counted.destroy(error));
    await writeWhole(out, packed.pipe(counted, { end: true }));
    signal.throwIfAborted();
    return { bytes: counted.bytes, sha256: counted.sha256(), files: files.length };
  } finally {
    await rm(copy, { force: true });
  }
}

/** Plain files below a folder by their path in the bundle, in order; none that is only half written. */
async function filesBelow(folder: string, name: string): Promise<{ path: string; file: string }[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: `${name}${file.slice(folder.length).replaceAll('\\', '/')}`, file }));
}
