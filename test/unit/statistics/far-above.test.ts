import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFarAbove } from '../../../src/statistics/far-above.ts';

const usual = { share: 0.04, images: 100 };

test('a batch that is mostly unlike is told; a little more than usual, a few images and a loosely known usual share are not', () => {
  assert.ok(isFarAbove(380, 1000, usual));
  assert.ok(isFarAbove(12, 30, usual));
  assert.ok(!isFarAbove(70, 1000, usual), 'not twice as many');
  assert.ok(!isFarAbove(1, 4, usual), 'one of four');
  // Of 20 images 1 was unlike: up to 24 % may be usual.
  assert.ok(!isFarAbove(200, 1000, { share: 0.05, images: 20 }));
  assert.ok(isFarAbove(200, 1000, { share: 0.05, images: 200 }));
  assert.ok(!isFarAbove(0, 0, usual));
  assert.ok(!isFarAbove(8, 1000, { share: 0, images: 5000 }), 'a share below what is allowed anyway');
});
