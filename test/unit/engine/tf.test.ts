import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '../../../src/engine/tf.ts';

test('an element is read at its place, of images and of tensors of other ranks; none is read outside', () => {
  for (const shape of [[7], [3, 4], [2, 3, 4], [2, 3, 4, 5], [2, 1, 3, 2, 2]]) {
    const size = shape.reduce((product, side) => product * side, 1);
    const buffer = new tf.TensorBuffer(
      shape as [number],
      'float32',
      Float32Array.from({ length: size }, (_, i) => i),
    );
    for (let i = 0; i < size; i++) assert.equal(buffer.get(...buffer.indexToLoc(i)), i);
    for (const [axis, side] of shape.entries())
      for (const outside of [-1, side])
        assert.throws(() => buffer.get(...shape.map((_, at) => (at === axis ? outside : 0))), /out of range/);
  }
});
