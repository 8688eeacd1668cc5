import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RecordCache, RECORDS_PER_SHARD, type Box } from '../../../../src/engine/data/record-cache.ts';

const SIDE = 4;
const BYTES = SIDE * SIDE * 3;
const box: Box = [0, 1, 4, 3];
const image = (id: number, digit = 'a', page?: number) => ({
  id,
  path: `/nowhere/${id}`,
  hash: digit.repeat(64),
  ...(page === undefined ? {} : { page }),
});
const pixels = (value: number): Uint8Array => new Uint8Array(BYTES).map((_, i) => (value * 31 + i) % 256);
const readOne = async (cache: RecordCache, wanted: ReturnType<typeof image>, into: Uint8Array): Promise<Box | null> =>
  (await cache.read([wanted], into))[0] ?? null;
const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'acclimate-cache-'));

test('what was written is read back, by another process as well, in whatever order', async () => {
  const home = await folder();
  const ids = [RECORDS_PER_SHARD + 3, 0, RECORDS_PER_SHARD - 1, 7, 5 * RECORDS_PER_SHARD];
  const writer = new RecordCache(home, SIDE);
  for (const id of ids) await writer.write(image(id), pixels(id), box);
  await writer.close();
  const reader = new RecordCache(home, SIDE);
  const into = new Uint8Array(BYTES);
  for (const id of ids.toReversed()) {
    assert.deepEqual(await readOne(reader, image(id), into), box);
    assert.deepEqual(into, pixels(id));
  }
  assert.equal(await readOne(reader, image(6), into), null, 'a slot between two others is empty');
  await reader.close();
});

test('records asked for together come each to its place, whether they lie one behind the other or not', async () => {
  const cache = new RecordCache(await folder(), SIDE);
  const there = [RECORDS_PER_SHARD - 2, RECORDS_PER_SHARD - 1, RECORDS_PER_SHARD, RECORDS_PER_SHARD + 1, 5, 7, 8];
  for (const id of there) await cache.write(image(id), pixels(id), box);
  const wanted = [...there.slice(0, 4), 4, 5, 6, 7, 8, 8, 7];
  const into = new Uint8Array(wanted.length * BYTES);
  const boxes = await cache.read(
    wanted.map((id) => image(id, id === RECORDS_PER_SHARD + 1 ? 'b' : 'a')),
    into,
  );
  wanted.forEach((id, i) => {
    const known = there.includes(id) && id !== RECORDS_PER_SHARD + 1;
    assert.deepEqual(boxes[i], known ? box : null, `image ${id}`);
    if (known) assert.deepEqual(into.subarray(i * BYTES, (i + 1) * BYTES), pixels(id), `image ${id}`);
  });
  await cache.close();
});

test('a record belongs to one content, page and side', async () => {
  const home = await folder();
  const cache = new RecordCache(home, SIDE);
  await cache.write(image(1, 'a', 2), pixels(1), box);
  const into = new Uint8Array(BYTES);
  assert.equal(await readOne(cache, image(1, 'b', 2), into), null);
  assert.equal(await readOne(cache, image(1, 'a', 3), into), null);
  assert.equal(await readOne(cache, image(1, 'a'), into), null);
  assert.deepEqual(await readOne(cache, image(1, 'a', 2), into), box);
  const other = new RecordCache(home, 2 * SIDE);
  assert.equal(await other.has(image(1, 'a', 2)), false);
  await Promise.all([cache.close(), other.close()]);
});

test('a shard that was cut short, or whose bytes changed, is as good as empty', async () => {
  const home = await folder();
  const cache = new RecordCache(home, SIDE);
  for (const id of [0, 1, 2]) await cache.write(image(id), pixels(id), box);
  await cache.close();
  const shard = join(home, `side-${SIDE}`, '00000.records');
  await truncate(shard, 2 * BYTES + 5);
  const handle = await open(shard, 'r+');
  await handle.write(Uint8Array.of(255), 0, 1, BYTES + 9);
  await handle.close();
  const damaged = new RecordCache(home, SIDE);
  const into = new Uint8Array(BYTES);
  assert.deepEqual(await readOne(damaged, image(0), into), box);
  assert.equal(await readOne(damaged, image(1), into), null, 'a changed byte');
  assert.equal(await readOne(damaged, image(2), into), null, 'cut short');
  const together = await damaged.read([image(0), image(1), image(2)], new Uint8Array(3 * BYTES));
  assert.deepEqual(together, [box, null, null]);
  await damaged.write(image(2), pixels(9), box);
  assert.deepEqual(await readOne(damaged, image(2), into), box);
  await damaged.close();
});

test('a key file that was cut short loses its last records only', async () => {
  const home = await folder();
  const cache = new RecordCache(home, SIDE);
  for (const id of [0, 1]) await cache.write(image(id), pixels(id), box);
  await cache.close();
  const folderOfSide = join(home, `side-${SIDE}`);
  assert.deepEqual((await readdir(folderOfSide)).sort(), ['00000.keys', '00000.records']);
  await truncate(join(folderOfSide, '00000.keys'), 40);
  const damaged = new RecordCache(home, SIDE);
  assert.equal(await damaged.has(image(0)), true);
  assert.equal(await readOne(damaged, image(1), new Uint8Array(BYTES)), null);
  await damaged.close();
});

test('pixels of another size are refused', async () => {
  const cache = new RecordCache(await folder(), SIDE);
  await assert.rejects(cache.write(image(0), new Uint8Array(BYTES - 1), box), RangeError);
});
