import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { miniRun, type MiniRun } from './mini-run.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../../', import.meta.url));
const child = join(repository, 'test/engine/jobs/run-child.ts');

/** All jobs of a run, in a process that may read the program, images, cache and this run, and write the last two. */
function confined({ folder, project, manifest }: MiniRun): Promise<{ stdout: string }> {
  const reads = [repository, join(project, 'images'), manifest.cacheFolder, folder];
  const writes = [manifest.cacheFolder, folder];
  return run(process.execPath, [
    '--permission',
    '--allow-addons',
    '--allow-child-process',
    '--disable-warning=SecurityWarning',
    ...reads.map((path) => `--allow-fs-read=${path}`),
    ...writes.map((path) => `--allow-fs-write=${path}`),
    child,
    folder,
  ]);
}

test('jobs read nothing of a project but its images, the cache and their own run, and write only the last two', async () => {
  const mini = await miniRun({ spec: { adapt: { epochs: 1, batch: 4, seeds: 1, maxImages: 12 } } });
  await mkdir(mini.manifest.cacheFolder);
  // Where check labels live.
  await writeFile(join(mini.project, 'project.db'), 'not for jobs');
  assert.equal((await confined(mini)).stdout, 'done\n');
});

test('the confinement holds: an image that lies elsewhere cannot be read, by the decoders either', async () => {
  const mini = await miniRun({ spec: { adapt: { epochs: 0, batch: 4, seeds: 1, maxImages: 12 } } });
  await mkdir(mini.manifest.cacheFolder);
  const [first, ...rest] = mini.manifest.images;
  const path = join(mini.project, 'elsewhere.png');
  await copyFile(first?.path ?? '', path);
  const manifest = { ...mini.manifest, images: [{ ...first, path }, ...rest] };
  await writeFile(join(mini.folder, 'manifest.json'), JSON.stringify(manifest));
  assert.equal((await confined(mini)).stdout, 'done\n');
  const { failed } = JSON.parse(await readFile(join(mini.folder, 'prepared.json'), 'utf8')) as { failed: object[] };
  assert.equal(failed.length, 1);
});
