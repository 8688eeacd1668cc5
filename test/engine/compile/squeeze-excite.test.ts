import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lower } from '../../../src/engine/compile/lower/lower.ts';
import { trace } from '../../../src/engine/compile/trace.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { swish } from '../../../src/engine/nn/composites/swish.ts';
import { conv2d } from '../../../src/engine/nn/layers.ts';
import { squeezeExcite } from '../../../src/engine/nn/squeeze-excite.ts';
import type { HostTree, Program, Tree } from '../../../src/engine/nn/types.ts';
import { tf } from '../../../src/engine/tf.ts';
import { compareProgram } from '../support/parity.ts';

const shapes: Readonly<Record<string, readonly number[]>> = {
  'first.weight': [1, 1, 16, 32],
  'se.conv_reduce.weight': [1, 1, 32, 4],
  'se.conv_reduce.bias': [4],
  'se.conv_expand.weight': [1, 1, 4, 32],
  'se.conv_expand.bias': [32],
  'last.weight': [3, 3, 32, 16],
};
const floats = (shape: readonly number[], seed: string) => ({
  shape,
  dtype: 'float32' as const,
  data: generator(1, seed)
    .normal(shape.reduce((a, b) => a * b, 1))
    .map((value) => 0.3 * value),
});
const images = [2, 6, 6, 16];

/** Between convolutions, as in a network: only there do images lie in blocks. */
const between = (gated: (x: tf.Tensor4D, params: Tree) => tf.Tensor4D): Program => ({
  name: 'between convolutions',
  signature: {
    state: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' }])),
    batch: { x: { shape: images, dtype: 'float32' }, direction: { shape: images, dtype: 'float32' } },
    hyper: {},
    random: {},
  },
  step({ state, batch }) {
    const names = Object.keys(state);
    const loss = (...values: tf.Tensor[]): tf.Scalar => {
      const params = Object.fromEntries(names.map((name, i) => [name, values[i]])) as Tree;
      const filter = (name: string) => params[`${name}.weight`] as tf.Tensor4D;
      const active = swish(conv2d(batch['x'] as tf.Tensor4D, filter('first')));
      const y = conv2d(gated(active, params), filter('last'), { padding: 1 });
      return tf.sum(tf.mul(y, batch['direction'] as tf.Tensor));
    };
    const { value, grads } = tf.valueAndGrads(loss)(Object.values(state));
    return {
      state: {},
      metrics: { loss: value, ...Object.fromEntries(names.map((name, i) => [name, grads[i] as tf.Tensor])) },
    };
  },
});
const program = between((x, params) => squeezeExcite(x, params, 'se'));

test('squeeze-and-excitation and swish, lowered, are the eager ones', async () => {
  const state: HostTree = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, floats(shape, name)]),
  );
  const batch = { x: floats(images, 'x'), direction: floats(images, 'direction') };
  const { steps } = await compareProgram(program, state, [{ batch, hyper: {}, random: {} }]);
  assert.ok((steps[0]?.loss ?? NaN) <= 1e-5, `loss ${steps[0]?.loss}`);
  assert.ok((steps[0]?.metrics ?? NaN) <= 1e-5, `gradients ${steps[0]?.metrics}`);
});

test('squeeze-and-excitation leaves the image in blocks', () => {
  const taken = (traced: Program): number => lower(trace(traced), { block: 8 }).operators['ReorderOutput'] ?? 0;
  const byProduct = (x: tf.Tensor4D, params: Tree): tf.Tensor4D =>
    tf.mul(x, tf.sum(Object.values(params).reduce((sum, value) => tf.add(sum, tf.sum(value)), tf.scalar(0))));
  assert.ok(taken(program) < taken(between(byProduct)), 'a plain product takes it out and puts it back');
});
