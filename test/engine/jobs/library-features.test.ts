import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { labelledImages } from '../../../src/contract/run-files.ts';
import { embed } from '../../../src/engine/jobs/embed.ts';
import { withJob, type Job } from '../../../src/engine/jobs/job.ts';
import { embedPiece, gatherPieces } from '../../../src/engine/jobs/library-features.ts';
import { readSafetensors } from '../../../src/engine/weights/safetensors.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
const inJob = <T>(run: MiniRun, work: (job: Job) => Promise<T>): Promise<T> =>
  withJob(services, { runFolder: run.folder, device: 'cpu' }, quiet(), work);

test('features of a library are made in pieces, the same as at once, without what cannot be read', async () => {
  const run = await miniRun({ images: 40, adapt: { epochs: 0, seeds: 1 } });
  await inJob(run, async (job) => {
    const { paths, manifest } = job.run;
    await embed(job, 'plain', 0);
    const broken = { id: 1000, path: join(run.folder, 'broken.png'), hash: 'f'.repeat(64) };
    await writeFile(broken.path, 'no picture');
    const pieces = [0, 7];
    const images = [[...manifest.images.slice(0, 33), broken], manifest.images.slice(33)] as const;
    assert.equal((await embedPiece(job, 'plain', 0, 0, images[0])).images, 33);
    await assert.rejects(gatherPieces(job.run, 'plain', 0, pieces), { code: 'weights.not-found' });
    assert.equal((await embedPiece(job, 'plain', 0, 7, images[1])).images, 7);
    assert.equal((await embedPiece(job, 'plain', 0, 7, images[1])).images, 0, 'it is there');
    assert.equal(await gatherPieces(job.run, 'plain', 0, pieces), 40);

    const { tensors } = await readSafetensors(paths.library('plain', 0));
    assert.deepEqual(
      [...tensors['ids']!.data],
      manifest.images.map(({ id }) => id),
    );
    const known = (await readSafetensors(paths.features('plain', 0))).tensors;
    assert.deepEqual(tensors['mean'], known['mean']);
    const width = known['mean']!.data.length;
    assert.deepEqual(tensors['features']!.shape, [40, width]);
    const rowsOf = (tree: typeof tensors, ids: readonly number[]) =>
      ids.map((id) => {
        const row = [...tree['ids']!.data].indexOf(id);
        return tree['features']!.data.slice(row * width, (row + 1) * width);
      });
    const labelled = labelledImages(job.usable);
    assert.deepEqual(rowsOf(tensors, labelled), rowsOf(known, labelled));

    for (const piece of pieces) assert.ok(!existsSync(paths.piece('plain', 0, piece)));
    assert.equal((await embedPiece(job, 'plain', 0, 0, images[0])).images, 0, 'all of it is there');
    assert.equal(await gatherPieces(job.run, 'plain', 0, pieces), 40);
  });
});
