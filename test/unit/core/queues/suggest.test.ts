import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Project } from '../../../../src/core/db/open.ts';
import { featureFile, featureWidth } from '../../../../src/core/features/store.ts';
import { alikeTogether, likely, mislabelled, suggest, type Material } from '../../../../src/core/queues/suggest.ts';
import { nearestImages } from '../../../../src/core/queues/near.ts';
import { ranked } from '../../../../src/core/queues/thread.ts';
import { generator } from '../../../../src/engine/data/random.ts';

const groups = 8;

/** Rows around as many centres as there are groups, row i of group i % groups. */
function blobs(count: number, spread: number): Float32Array {
  const centres = generator(1, 'centres').normal(groups * featureWidth);
  const noise = generator(2, 'noise').normal(count * featureWidth);
  const rows = new Float32Array(count * featureWidth);
  for (let i = 0; i < count; i++) {
    let squares = 0;
    for (let j = 0; j < featureWidth; j++) {
      const value = centres[(i % groups) * featureWidth + j]! + spread * noise[i * featureWidth + j]!;
      rows[i * featureWidth + j] = value;
      squares += value * value;
    }
    for (let j = 0; j < featureWidth; j++) rows[i * featureWidth + j]! /= Math.sqrt(squares);
  }
  return rows;
}

function material(count: number, labelOf: (at: number) => number, spread = 0.5): Material {
  const labels = Int32Array.from({ length: count }, (_, at) => labelOf(at));
  const candidates = Int32Array.from([...labels.keys()].filter((at) => labels[at] === -1));
  return { vectors: { rows: blobs(count, spread), width: featureWidth }, labels, classes: groups, candidates };
}

test('while labels are few, what is brought first comes from the groups that have none', () => {
  // Groups 0 and 1 are labelled, the other six are not.
  const all = material(400, (at) => (at < 16 && at % groups < 2 ? at % groups : -1));
  const brought = suggest(all, 12);
  assert.equal(brought.length, 12);
  assert.deepEqual(
    [...new Set(brought.slice(0, 6).map(({ at }) => at % groups))].filter((group) => group < 2),
    [],
  );
  assert.ok(new Set(brought.map(({ at }) => at % groups)).size >= 6, 'every uncovered group is visited');
  assert.equal(new Set(brought.map(({ at }) => at)).size, 12, 'no image twice');
  assert.ok(brought.every(({ at }) => all.labels[at] === -1));
});

test('with many labels, what two classes could both be comes first, and not the same picture twice', () => {
  const all = material(600, (at) => (at < 30 * groups ? at % groups : -1), 0.3);
  // Two rows half-way between the classes 0 and 1, alike to the last digit.
  const { rows } = all.vectors;
  const place = (at: number) => rows.subarray(at * featureWidth, (at + 1) * featureWidth);
  const between = Float32Array.from(place(0), (value, i) => (value + place(1)[i]!) / Math.SQRT2);
  for (const at of [500, 501]) place(at).set(between);
  const brought = suggest(all, 5);
  assert.equal(brought[0]!.at, 500);
  assert.equal(brought[0]!.why, 'hesitates');
  assert.ok(!brought.some(({ at }) => at === 501));
});

test('likely images of a class are of that class; a wrong label is found among right ones', () => {
  const all = material(400, (at) => (at < 80 ? (at === 40 ? 3 : at % groups) : -1));
  assert.ok(likely(all, 2, 20).every(({ at }) => at % groups === 2));
  assert.deepEqual(
    mislabelled(all, 5).map(({ at }) => at),
    [40],
  );
});

test('the order that puts alike images together changes group as seldom as it can', () => {
  const all = material(240, () => -1, 0.3);
  const order = alikeTogether(all.vectors, 240);
  assert.deepEqual(
    order.toSorted((a, b) => a - b),
    Array.from({ length: 240 }, (_, i) => i),
  );
  const changes = order.filter((at, i) => i > 0 && at % groups !== order[i - 1]! % groups).length;
  assert.ok(changes < 40, `${changes} changes`);
});

test('10,000 images are ranked in less than 10 seconds, and core goes on answering meanwhile', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-ranked-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const count = 10_000;
  const rows = blobs(count, 0.8);
  const bytes = Buffer.alloc(count * (4 + 4 * featureWidth));
  for (let i = 0; i < count; i++) {
    const at = i * (4 + 4 * featureWidth);
    bytes.writeInt32LE(i + 1, at);
    bytes.set(new Uint8Array(rows.buffer, i * featureWidth * 4, featureWidth * 4), at + 4);
  }
  const project = { folder } as Project;
  mkdirSync(dirname(featureFile(project)));
  writeFileSync(featureFile(project), bytes);
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 10);
  const begun = performance.now();
  const found = await ranked(project, {
    labels: Array.from({ length: 40 }, (_, i) => ({ image: i + 1, class: i % groups })),
    classes: groups,
    candidates: Array.from({ length: count - 40 }, (_, i) => i + 41),
    size: 40,
    ask: { kind: 'suggest' },
  });
  clearInterval(ticking);
  const milliseconds = performance.now() - begun;
  assert.equal(found.length, 40);
  assert.ok(milliseconds < 10_000, `${milliseconds} ms`);
  assert.ok(turns > milliseconds / 100, `${turns} turns of the loop in ${milliseconds} ms`);
});

test('images alike are found by the features of now, itself first', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-near-'));
  let close = (): void => {};
  const project = { folder, onClose: (listener: () => void) => (close = listener) } as Partial<Project> as Project;
  t.after(() => (close(), rmSync(folder, { recursive: true, force: true })));
  assert.deepEqual(await nearestImages(project, 1, 3), [], 'nothing was looked at yet');
  const record = (image: number, ...values: number[]): Buffer => {
    const bytes = Buffer.alloc(4 + 4 * featureWidth);
    bytes.writeInt32LE(image, 0);
    values.forEach((value, at) => bytes.writeFloatLE(value, 4 + 4 * at));
    return bytes;
  };
  mkdirSync(dirname(featureFile(project)));
  writeFileSync(featureFile(project), Buffer.concat([record(1, 1, 0), record(2, 0, 1), record(3, 0.6, 0.8)]));
  assert.deepEqual(await nearestImages(project, 1, 2), [1, 3]);
  assert.deepEqual(await nearestImages(project, 9, 2), [], 'not looked at');
  appendFileSync(featureFile(project), record(4, 0.8, 0.6));
  assert.deepEqual(await nearestImages(project, 1, 2), [1, 4], 'what was looked at meanwhile counts');
});
