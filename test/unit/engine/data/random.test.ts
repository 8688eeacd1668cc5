import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fnv1a, generator, philox } from '../../../../src/engine/data/random.ts';

test('Philox4x32-10 gives the known answers of its authors (Random123, kat_vectors)', () => {
  const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');
  assert.equal(hex(philox([0, 0, 0, 0], [0, 0])), '6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  const ones = 0xffffffff;
  assert.equal(hex(philox([ones, ones, ones, ones], [ones, ones])), '408f276d 41c83b0e a20bc7c6 6d5451fd');
  assert.equal(
    hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])),
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  );
});

test('FNV-1a of known strings', () => {
  assert.equal(fnv1a(''), 0x811c9dc5);
  assert.equal(fnv1a('foobar'), 0xbf9cf968);
});

test('seed, stream and step each change the numbers; nothing else does', () => {
  const draw = (seed: number, stream: string, step: number) => [...generator(seed, stream, step).uniform(4)];
  assert.deepEqual(draw(1, 'views', 2), draw(1, 'views', 2));
  for (const other of [draw(2, 'views', 2), draw(1, 'order', 2), draw(1, 'views', 3), draw(1, 'views', 2 + 2 ** 32)])
    assert.notDeepEqual(other, draw(1, 'views', 2));
});

test('uniform and normal numbers have the moments they should', () => {
  const n = 40_000;
  const u = generator(3, 'u').uniform(n);
  const z = generator(3, 'z').normal(n);
  const mean = (values: Float32Array, power: number) => values.reduce((sum, value) => sum + value ** power, 0) / n;
  assert.ok(u.every((value) => value >= 0 && value < 1));
  assert.ok(Math.abs(mean(u, 1) - 0.5) < 0.01 && Math.abs(mean(u, 2) - 1 / 3) < 0.01);
  assert.ok(Math.abs(mean(z, 1)) < 0.02 && Math.abs(mean(z, 2) - 1) < 0.03 && Math.abs(mean(z, 4) - 3) < 0.2);
});

test('permutations are permutations, and evenly so', () => {
  assert.deepEqual(
    [...generator(0, 'p').permutation(50)].sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i),
  );
  const first = new Int32Array(5);
  for (let step = 0; step < 5000; step++) {
    const position = generator(9, 'p', step).permutation(5)[0] as number;
    first[position] = (first[position] as number) + 1;
  }
  assert.ok(
    first.every((count) => Math.abs(count - 1000) < 150),
    String(first),
  );
});
