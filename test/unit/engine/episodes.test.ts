import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/contract/errors.ts';
import { kendall } from '../../../src/core/runs/kendall.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { drawEpisode, nearestPrototype } from '../../../src/engine/episodes/episode.ts';

/** Six classes of twelve labels, three to a group. */
const labels = Array.from({ length: 72 }, (_, i) => ({
  image: 100 + i,
  class: i % 6,
  group: Math.floor(i / 18) * 6 + (i % 6),
}));
const shape = { way: 4, shots: 2, queries: 5 };

test('an episode has its classes, shots and queries, no image twice and no group on both sides; its seed decides it', () => {
  const classes = new Set<number>();
  for (let at = 0; at < 50; at++) {
    const { support, query } = drawEpisode(labels, shape, generator(1, 'episodes', at));
    const known = Map.groupBy(support, (label) => label.class);
    assert.equal(known.size, 4);
    assert.ok([...known.values()].every((of) => of.length === 2));
    const asked = Map.groupBy(query, (label) => label.class);
    assert.deepEqual([...asked.keys()].sort(), [...known.keys()].sort());
    assert.ok([...asked.values()].every((of) => of.length >= 1 && of.length <= 5));
    assert.equal(new Set([...support, ...query].map(({ image }) => image)).size, support.length + query.length);
    const groups = new Set(support.map(({ group }) => group));
    assert.ok(query.every(({ group }) => !groups.has(group)));
    for (const name of known.keys()) classes.add(name);
    assert.deepEqual(drawEpisode(labels, shape, generator(1, 'episodes', at)), { support, query });
  }
  assert.equal(classes.size, 6);
});

test('too few labels for a task are said, also where they are all of one group', () => {
  const isFew = (error: unknown) => error instanceof AppError && error.code === 'rank.few';
  assert.throws(() => drawEpisode(labels, { ...shape, shots: 12 }, generator(1, 'episodes')), isFew);
  const oneGroup = labels.map((label) => ({ ...label, group: 0 }));
  assert.throws(() => drawEpisode(oneGroup, shape, generator(1, 'episodes')), isFew);
});

test('the nearest prototype is that of the centred features of one length', () => {
  const features = new Map([
    [1, [3, 1]],
    [2, [5, 1]],
    [3, [1, 4]],
    // Nearer to class 0 as it lies, but not by its direction from the mean.
    [4, [1.2, 1.5]],
    [5, [9, 1.1]],
  ]);
  const rows = (ids: readonly number[]) => Float32Array.from(ids.flatMap((id) => features.get(id) as number[]));
  const label = (image: number, name: number) => ({ image, class: name, group: image });
  const episode = { support: [label(1, 7), label(2, 7), label(3, 9)], query: [label(4, 9), label(5, 7)] };
  assert.deepEqual(nearestPrototype(episode, rows, Float32Array.of(1, 1)), [9, 7]);
});

test("Kendall's tau, with ties, is that of scipy.stats.kendalltau", () => {
  assert.equal(kendall([1, 2, 3, 4], [1, 2, 3, 4]), 1);
  assert.equal(kendall([1, 2, 3, 4], [4, 3, 2, 1]), -1);
  assert.ok(Math.abs((kendall([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) as number) + 0.47140452079103173) < 1e-12);
  assert.equal(kendall([1, 1, 1], [1, 2, 3]), null);
});
