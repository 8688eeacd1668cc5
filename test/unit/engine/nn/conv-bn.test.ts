import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { generator } from '../../../../src/engine/data/random.ts';
import { bindConvBn } from '../../../../src/engine/nn/conv-bn.ts';
import type { Tree } from '../../../../src/engine/nn/types.ts';
import { tf } from '../../../../src/engine/tf.ts';
import { relativeError, useEager } from '../../../engine/support/eager.ts';

before(useEager);
const epsilon = 1e-3;
const random = generator(1, 'conv-bn');
const normal = (...shape: number[]): tf.Tensor => tf.tensor(random.normal(shape.reduce((a, b) => a * b, 1)), shape);
const positive = (n: number): tf.Tensor => tf.tensor1d(random.uniform(n).map((u) => 0.5 + u));

const makeParams = (weight: tf.Tensor, channels: number): Tree => ({
  'conv.weight': weight,
  'bn.weight': positive(channels),
  'bn.bias': normal(channels),
  'bn.running_mean': normal(channels),
  'bn.running_var': positive(channels),
});

/** Batch normalisation written out on the activations, in the order of the paper. */
function reference(y: tf.Tensor, params: Tree, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  const normalised = tf.div(tf.sub(y, mean), tf.sqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(normalised, params['bn.weight'] as tf.Tensor), params['bn.bias'] as tf.Tensor);
}

const close = (actual: tf.Tensor, expected: tf.Tensor, tolerance: number, what: string): void => {
  const error = relativeError(actual.dataSync(), expected.dataSync());
  assert.ok(error < tolerance, `${what}: ${error}`);
};

const trained = ['conv.weight', 'bn.weight', 'bn.bias'] as const;
const cases = [
  { what: 'convolution', weight: normal(3, 3, 4, 6), channels: 6, depthwise: false },
  { what: 'depthwise convolution', weight: normal(3, 3, 4, 1), channels: 4, depthwise: true },
];

describe('convBn', () => {
  for (const { what, weight, channels, depthwise } of cases) {
    it(`frozen ${what}: folding changes neither values nor gradients`, () => {
      const params = makeParams(weight, channels);
      const x = normal(2, 7, 7, 4) as tf.Tensor4D;
      const cotangent = normal(2, 4, 4, channels);
      const options = { stride: 2, depthwise };
      const inputs = [x, ...trained.map((name) => params[name] as tf.Tensor)];
      const withInputs = (tensors: tf.Tensor[]): Tree =>
        Object.fromEntries([
          ...Object.entries(params),
          ...trained.map((name, i) => [name, tensors[i + 1] as tf.Tensor]),
        ]);
      const folded = (...tensors: tf.Tensor[]): tf.Tensor => {
        const { convBn } = bindConvBn({ params: withInputs(tensors), statistics: 'frozen', epsilon });
        return convBn(tensors[0] as tf.Tensor4D, 'conv', 'bn', options);
      };
      const unfolded = (...tensors: tf.Tensor[]): tf.Tensor => {
        const [input, filter] = tensors as [tf.Tensor4D, tf.Tensor4D];
        const y = depthwise ? tf.depthwiseConv2d(input, filter, 2, 'same') : tf.conv2d(input, filter, 2, 'same');
        return reference(y, withInputs(tensors), params['bn.running_mean']!, params['bn.running_var']!);
      };
      const actual = tf.valueAndGrads(folded)(inputs, cotangent);
      const expected = tf.valueAndGrads(unfolded)(inputs, cotangent);
      close(actual.value, expected.value, 1e-6, 'value');
      actual.grads.forEach((gradient, i) => close(gradient, expected.grads[i]!, 1e-5, ['x', ...trained][i]!));
    });
  }

  it('with batch statistics normalises by the batch and moves the running statistics as PyTorch does', () => {
    const params = makeParams(normal(1, 1, 4, 6), 6);
    const x = normal(2, 5, 5, 4) as tf.Tensor4D;
    const { convBn, updates } = bindConvBn({ params, statistics: 'batch', epsilon });
    const actual = convBn(x, 'conv', 'bn');
    const y = tf.conv2d(x, params['conv.weight'] as tf.Tensor4D, 1, 'same');
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    close(actual, reference(y, params, mean, variance), 1e-5, 'value');
    const count = 2 * 5 * 5;
    const moved = (old: tf.Tensor, now: tf.Tensor): tf.Tensor => tf.add(tf.mul(old, 0.9), tf.mul(now, 0.1));
    assert.deepEqual(Object.keys(updates).sort(), ['bn.running_mean', 'bn.running_var']);
    close(updates['bn.running_mean']!, moved(params['bn.running_mean']!, mean), 1e-6, 'mean');
    const unbiased = tf.mul(variance, count / (count - 1));
    close(updates['bn.running_var']!, moved(params['bn.running_var']!, unbiased), 1e-6, 'variance');
  });

  it('says which tensor is not there', () => {
    const { convBn } = bindConvBn({ params: {}, statistics: 'frozen', epsilon });
    assert.throws(() => convBn(tf.zeros([1, 2, 2, 1]), 'conv', 'bn'), /conv\.weight/);
  });
});
