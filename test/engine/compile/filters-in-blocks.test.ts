import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '../../../src/engine/tf.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { moveFilter } from '../../../src/engine/compile/lower/blocked/filters.ts';
import { lower } from '../../../src/engine/compile/lower/lower.ts';
import { trace } from '../../../src/engine/compile/trace.ts';
import { weightStandardisation } from '../../../src/engine/nn/composites/weight-standardisation.ts';
import { leaf } from '../../../src/engine/nn/tree.ts';
import type { HostTree, Program, Tree, TreeSpec } from '../../../src/engine/nn/types.ts';
import { adamW } from '../../../src/engine/optim/adamw.ts';
import { moveTowards } from '../../../src/engine/optim/ema.ts';
import { compareProgram } from '../support/parity.ts';

const FILTERS: Readonly<Record<string, readonly number[]>> = {
  stem: [3, 3, 3, 16],
  plain: [3, 3, 16, 32],
  standardised: [1, 1, 32, 16],
  odd: [1, 1, 16, 20],
};
const spec = (shape: readonly number[]) => ({ shape, dtype: 'float32' as const });
const params: TreeSpec = Object.fromEntries(Object.entries(FILTERS).map(([name, shape]) => [name, spec(shape)]));
const adam = adamW();

function network(image: tf.Tensor, filters: Tree): tf.Tensor {
  const conv = (x: tf.Tensor, w: tf.Tensor, stride: number) =>
    tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, 'same');
  const stem = tf.tanh(conv(image, leaf(filters, 'stem'), 1));
  const plain = tf.tanh(conv(stem, leaf(filters, 'plain'), 1));
  const standard = weightStandardisation(leaf(filters, 'standardised') as tf.Tensor4D, 1e-4);
  return conv(tf.tanh(conv(plain, standard, 2)), leaf(filters, 'odd'), 1);
}

/** Filters trained with AdamW beside a slow copy that runs too, and a filter that no step updates. */
const program: Program = {
  name: 'filters',
  signature: {
    state: { ...params, ...adam.slots(params), 'target.plain': spec([3, 3, 16, 32]), held: spec([3, 3, 16, 16]) },
    batch: { x: spec([2, 9, 9, 3]) },
    hyper: adam.hyperSpec(['all']),
    random: {},
  },
  step({ state, batch, hyper }) {
    const filters = Object.keys(FILTERS);
    const image = leaf(batch, 'x');
    const aim = network(image, { ...state, plain: leaf(state, 'target.plain') });
    const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
      const y = network(image, Object.fromEntries(filters.map((name, i) => [name, tensors[i] as tf.Tensor])));
      return tf.mean(tf.square(tf.sub(tf.add(y, 1), aim)));
    };
    const { value, grads } = tf.valueAndGrads(loss)(filters.map((name) => leaf(state, name)));
    const gradients = Object.fromEntries(filters.map((name, i) => [name, grads[i] as tf.Tensor]));
    const updated = adam.update(state, gradients, state, hyper, () => 'all');
    const follower = moveTowards(state, updated, [['target.plain', 'plain']], tf.scalar(0.1));
    return { state: { ...updated, ...follower }, metrics: { loss: value } };
  },
};

test('a filter moves into blocks and back without a change', () => {
  const [h, w, i, o, b] = [2, 3, 16, 24, 8];
  const plain = Float32Array.from({ length: h * w * i * o }, (_, at) => at);
  const shape = [i / b, o / b, h * w, b, b];
  const blocks = moveFilter(plain, shape, false);
  // Tap (1, 2), input 11, output 21.
  assert.equal(blocks[(((1 * 3 + 2) * 6 + 5) * 8 + 3) * 8 + 5], ((1 * 3 + 2) * 16 + 11) * 24 + 21);
  assert.deepEqual(moveFilter(blocks, shape, true), plain);
});

test('trained filters of whole blocks, their averages and their slow copies lie in blocks; stems, others and held ones do not', () => {
  const { inBlocks } = lower(trace(program), { block: 8 });
  const names = ['plain', 'standardised'].flatMap((name) => [
    `state.${name}`,
    `state.slots.adamw.mean.${name}`,
    `state.slots.adamw.square.${name}`,
  ]);
  assert.deepEqual([...inBlocks.keys()].sort(), [...names, 'state.target.plain'].sort());
  assert.deepEqual(inBlocks.get('state.plain'), [2, 4, 9, 8, 8]);
  assert.equal(lower(trace(program), {}).inBlocks.size, 0);
});

test('steps on filters in blocks do as eager steps', async () => {
  const random = generator(3, 'filters');
  const filled = (specs: TreeSpec): HostTree =>
    Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => {
        const data = random.uniform(shape.reduce((a, b) => a * b, 1)).map((v) => (v - 0.5) / 4);
        return [name, { shape, dtype: 'float32', data: name.includes('square') ? data.map(Math.abs) : data }];
      }),
    );
  const state = filled(program.signature.state);
  const steps = [1, 2, 3].map((step) => ({
    batch: filled(program.signature.batch),
    hyper: adam.hyper('all', { rate: 0.01, weightDecay: 0.1, step }),
    random: {},
  }));
  for (const { loss, change } of (await compareProgram(program, state, steps)).steps) {
    assert.ok(loss < 1e-5, `loss ${loss}`);
    assert.ok(change < 1e-4, `change ${change}`);
  }
});
