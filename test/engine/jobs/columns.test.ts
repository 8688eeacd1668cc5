import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ColumnValue, Manifest, RegimeName } from '../../../src/contract/run-files.ts';
import { deploy } from '../../../src/engine/jobs/deploy.ts';
import { finetune } from '../../../src/engine/jobs/finetune.ts';
import { withJob, type Job } from '../../../src/engine/jobs/job.ts';
import { predict } from '../../../src/engine/jobs/predict.ts';
import { readSafetensors } from '../../../src/engine/weights/safetensors.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
const inJob = <T>(run: MiniRun, work: (job: Job) => Promise<T>): Promise<T> =>
  withJob(services, { runFolder: run.folder, device: 'cpu' }, quiet(), work);

const site = (id: number): string => `site ${id % 3}`;
const columns: Manifest['columns'] = [
  { name: 'age', kind: 'number' },
  { name: 'site', kind: 'category' },
];

/** A run whose images have values by `valuesOf`, trained without adaptation on the first draw. */
async function trained(
  regime: RegimeName,
  runId: string,
  project: string | undefined,
  valuesOf: ((id: number, isCheck: boolean) => ColumnValue[]) | null,
): Promise<MiniRun> {
  const run = await miniRun({
    runId,
    spec: { regimes: [regime] },
    adapt: { epochs: 0, seeds: 1 },
    ...(project === undefined ? {} : { project }),
  });
  if (valuesOf) {
    const check = new Set(run.manifest.check);
    const images = run.manifest.images.map((image) => ({ ...image, columns: valuesOf(image.id, check.has(image.id)) }));
    await writeFile(join(run.folder, 'manifest.json'), JSON.stringify({ ...run.manifest, columns, images }));
  }
  await inJob(run, (job) => finetune(job, 'plain', 0, 0));
  return run;
}
const file = (run: MiniRun, ...names: string[]): Promise<Buffer> => readFile(join(run.folder, ...names));
const rows = async (path: string): Promise<number[][]> => {
  const { ids, probabilities } = (await readSafetensors(path)).tensors;
  return Array.from(ids!.data, (_, i) => [...probabilities!.data.subarray(3 * i, 3 * i + 3)]);
};

const regimes: RegimeName[] = ['probe', 'staged'];
for (const regime of regimes) {
  test(`columns join the head of ${regime}, standardised on training rows alone, and the same is done without them`, async () => {
    const random = (id: number): number => (id * 37) % 11;
    const run = await trained(regime, 'with', undefined, (id) => [random(id), site(id)]);
    const bare = await trained(regime, 'bare', run.project, null);
    const cell = 'plain-0-0.safetensors';
    const beside = 'plain-without-columns-0-0.safetensors';
    assert.deepEqual(await file(run, 'predictions', beside), await file(bare, 'predictions', cell));

    const truth = async (name: string): Promise<number> => {
      const said = await rows(join(run.folder, 'predictions', name));
      return said.reduce((sum, row, i) => sum + row[run.manifest.check[i]! % 3]!, 0) / said.length;
    };
    const [withSite, without] = [await truth(cell), await truth(beside)];
    assert.ok(withSite > without + 0.01, `${without} without, ${withSite} with the site, which is the class`);

    // Whatever stands beside check images, the model is the same to the last bit.
    const values = (id: number, isCheck: boolean): ColumnValue[] => (isCheck ? [1e9, null] : [random(id), site(id)]);
    const other = await trained(regime, 'other', run.project, values);
    const modelOf = async (of: MiniRun): Promise<Buffer> => {
      const [path] = await inJob(of, (job) => deploy(job, 'plain'));
      return readFile(path!);
    };
    assert.deepEqual(await modelOf(other), await modelOf(run));
    assert.notDeepEqual(await file(other, 'predictions', cell), await file(run, 'predictions', cell));

    await inJob(run, async (job) => {
      const named = async (values: ColumnValue[] | undefined): Promise<number[][]> => {
        const images = run.manifest.check.map((id) => ({ ...job.run.image(id), columns: values ?? [] }));
        const out = join(run.folder, 'named.safetensors');
        await predict(job, 'plain', images, out);
        return rows(out);
      };
      const missing = await named(undefined);
      assert.deepEqual(await named([null, 'a site never trained with']), missing);
      const there = await named([5, 'site 1']);
      there.forEach((row, i) => assert.ok(row[1]! > missing[i]![1]!, `${i}: the site speaks for its class`));
    });
  });
}
