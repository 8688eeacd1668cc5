import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as TF from '@tensorflow/tfjs';
import { peakBytes } from '../../../../src/engine/compile/peak.ts';
import { trace } from '../../../../src/engine/compile/trace.ts';
import { tf } from '../../../../src/engine/tf.ts';

const KILO = 4 * 1000;

/** Of a program of one batch of a thousand numbers. */
const peakOf = (compute: (x: TF.Tensor1D) => TF.Tensor): number =>
  peakBytes(
    trace({
      name: 'peak',
      signature: { state: {}, batch: { x: { shape: [1000], dtype: 'float32' } }, hyper: {}, random: {} },
      step: ({ batch }) => ({ state: {}, metrics: { out: compute(batch['x'] as TF.Tensor1D) } }),
    }),
  );

test('a value is held from where it is made to its last use', () => {
  assert.equal(
    peakOf((x) => tf.exp(tf.square(tf.exp(x)))),
    2 * KILO,
    'of a chain, one and the next',
  );
  const held = peakOf((x) => {
    const first = tf.exp(x);
    return tf.add(tf.square(tf.square(tf.square(first))), first);
  });
  assert.equal(held, 3 * KILO, 'what is needed again at the end is held');
});

test('what is only seen in another shape takes no memory, and is held as long as it is seen', () => {
  assert.equal(
    peakOf((x) => tf.exp(tf.reshape(tf.exp(x), [10, 100]))),
    2 * KILO,
  );
  const held = peakOf((x) => {
    const first = tf.exp(x);
    const seen = tf.reshape(first, [10, 100]);
    return tf.add(tf.exp(tf.square(tf.square(first))).sum(), seen.sum());
  });
  assert.ok(held >= 3 * KILO, `${held}: the first is held though only its view is read`);
});

test('kernels that nothing comes from take no memory', () => {
  const used = peakOf((x) => tf.exp(x));
  const unused = peakOf((x) => {
    tf.square(tf.square(x));
    return tf.exp(x);
  });
  assert.equal(unused, used);
  assert.equal(used, KILO);
});
