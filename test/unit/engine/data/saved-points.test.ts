import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashTree, SavedPoints, type SavedPoint } from '../../../../src/engine/data/saved-points.ts';

const point = (step: number): SavedPoint => ({
  step,
  state: { weight: { shape: [2, 2], dtype: 'float32', data: Float32Array.of(step, 0.1, -0, 1e-40) } },
  lossSum: 0.1 + step / 3,
  signSum: 0.2 + step / 7,
  monitor: [
    {
      epoch: 0,
      loss: null,
      embeddingStd: 1 / 3,
      effectiveRank: 9,
      knnAccuracy: null,
      learningRate: 0,
      imagesPerSecond: null,
    },
  ],
  rateFactor: 0.5,
  batch: 8,
});
const stem = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'acclimate-points-')), 'seed-0');
const files = async (path: string): Promise<string[]> => (await readdir(join(path, '..'))).sort();

test('a point comes back as it was, to the bit; the last two are kept', async () => {
  const path = await stem();
  const points = new SavedPoints(path);
  assert.equal(await points.load(), null);
  for (const step of [5, 40, 1000]) await points.save(point(step));
  assert.deepEqual(await new SavedPoints(path).load(), point(1000));
  assert.equal((await files(path)).length, 2);
  await points.clear();
  assert.deepEqual(await files(path), []);
});

test('a damaged point is passed over for the one before', async () => {
  const path = await stem();
  const points = new SavedPoints(path);
  for (const step of [5, 6]) await points.save(point(step));
  const newest = join(path, '..', (await files(path)).at(-1) as string);
  const handle = await open(newest, 'r+');
  const { size } = await handle.stat();
  await handle.write(Uint8Array.of(1), 0, 1, size - 7);
  await handle.close();
  assert.equal((await points.load())?.step, 5, 'a changed byte');
  await points.save(point(7));
  await truncate(join(path, '..', (await files(path)).at(-1) as string), 100);
  assert.equal((await points.load())?.step, 5, 'cut short');
});

test('another seed does not see the points of this one', async () => {
  const path = await stem();
  await new SavedPoints(path).save(point(3));
  assert.equal(await new SavedPoints(path.replace('seed-0', 'seed-')).load(), null);
  assert.equal(await new SavedPoints(path.replace('seed-0', 'seed-00')).load(), null);
});

test('the hash of a tree sees names, shapes and single bits', () => {
  const of = (shape: number[], ...data: number[]) => ({
    shape,
    dtype: 'float32' as const,
    data: Float32Array.from(data),
  });
  const hash = hashTree({ a: of([2], 1, 0) });
  assert.equal(hash, hashTree({ a: of([2], 1, 0) }));
  for (const other of [{ b: of([2], 1, 0) }, { a: of([1, 2], 1, 0) }, { a: of([2], 1, -0) }])
    assert.notEqual(hash, hashTree(other));
});
