import { tf } from '../tf.ts';
import { generator } from '../data/random.ts';
import type { HostTensor, HostTree, Program, StepInputs, Tree, TreeSpec } from '../nn/types.ts';

/** A program with a state and one step's inputs to try it on. */
export interface Trial {
  readonly program: Program;
  readonly state: HostTree;
  readonly inputs: Omit<StepInputs<HostTree>, 'state'>;
}

const random = generator(1, 'self-test');

function normal(shape: readonly number[], scale: number): HostTensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, dtype: 'float32', data: random.normal(count).map((v) => v * scale) };
}

const specOf = (tree: HostTree): TreeSpec =>
  Object.fromEntries(Object.entries(tree).map(([key, { shape, dtype }]) => [key, { shape, dtype }]));

function trial(name: string, state: HostTree, batch: HostTree, step: Program['step']): Trial {
  const signature = { state: specOf(state), batch: specOf(batch), hyper: {}, random: {} };
  return { program: { name, signature, step }, state, inputs: { batch, hyper: {}, random: {} } };
}

const of = (tree: Tree, key: string): tf.Tensor4D => tree[key] as tf.Tensor4D;

/** Kernel sides and strides that backbones use, on odd and even planes, with and without whole blocks of channels. */
const CONVOLUTIONS = [
  { kernel: 1, stride: 1, side: 5, from: 16, to: 24 },
  { kernel: 1, stride: 2, side: 8, from: 24, to: 16 },
  { kernel: 3, stride: 1, side: 7, from: 24, to: 17 },
  { kernel: 3, stride: 2, side: 9, from: 3, to: 16 },
  { kernel: 3, stride: 2, side: 8, from: 32, to: 16 },
  { kernel: 3, stride: 1, side: 25, from: 16, to: 16 },
  { kernel: 7, stride: 2, side: 26, from: 3, to: 16 },
] as const;
const DEPTHWISE = [
  { kernel: 3, stride: 1, side: 6, channels: 16 },
  { kernel: 5, stride: 2, side: 8, channels: 24 },
  { kernel: 3, stride: 2, side: 7, channels: 32 },
] as const;

/** Convolutions of many shapes with both gradients. */
export function convolutionTrial(): Trial {
  const state: HostTree = {};
  const batch: HostTree = {};
  CONVOLUTIONS.forEach(({ kernel, side, from, to }, i) => {
    state[`dense${i}`] = normal([kernel, kernel, from, to], 0.2);
    batch[`dense${i}`] = normal([2, side, side, from], 1);
  });
  DEPTHWISE.forEach(({ kernel, side, channels }, i) => {
    state[`depthwise${i}`] = normal([kernel, kernel, channels, 1], 0.3);
    batch[`depthwise${i}`] = normal([2, side, side, channels], 1);
  });
  return trial('self-test-convolutions', state, batch, ({ state: filters, batch: images }) => {
    const metrics: Tree = {};
    const told = (key: string, convolve: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D) => {
      const energy = (x: tf.Tensor, filter: tf.Tensor) =>
        tf.sum(tf.square(convolve(x as tf.Tensor4D, filter as tf.Tensor4D))) as tf.Scalar;
      const [dx, dw] = tf.grads(energy)([of(images, key), of(filters, key)]);
      metrics[`${key}.y`] = convolve(of(images, key), of(filters, key));
      metrics[`${key}.dx`] = dx as tf.Tensor;
      metrics[`${key}.dw`] = dw as tf.Tensor;
    };
    CONVOLUTIONS.forEach(({ stride }, i) => told(`dense${i}`, (x, filter) => tf.conv2d(x, filter, stride, 'same')));
    DEPTHWISE.forEach(({ stride }, i) =>
      told(`depthwise${i}`, (x, filter) => tf.depthwiseConv2d(x, filter, stride, 'same')),
    );
    return { state: {}, metrics };
  });
}

/** One training step of a small inverted-residual net on `images` images of `side` pixels, `width` channels. */
export function trainingTrial(images: number, side: number, width: number): Trial {
  const classes = 4;
  const state: HostTree = {
    stem: normal([3, 3, 3, width], 0.3),
    stemShift: normal([width], 0.1),
    expand: normal([1, 1, width, 2 * width], 0.2),
    depthwise: normal([3, 3, 2 * width, 1], 0.3),
    project: normal([1, 1, 2 * width, width], 0.2),
    head: normal([width, classes], 0.2),
  };
  const batch: HostTree = {
    images: normal([images, side, side, 3], 1),
    labels: { shape: [images], dtype: 'int32', data: Int32Array.from({ length: images }, (_, i) => i % classes) },
  };
  const keys = Object.keys(state);
  return trial('self-test-training', state, batch, ({ state: params, batch: data }) => {
    const loss = (...values: tf.Tensor[]): tf.Scalar => {
      const p = Object.fromEntries(keys.map((key, i) => [key, values[i]])) as Tree;
      const stem = tf.relu6(tf.add(tf.conv2d(of(data, 'images'), of(p, 'stem'), 2, 'same'), of(p, 'stemShift')));
      const wide = tf.relu6(tf.conv2d(stem as tf.Tensor4D, of(p, 'expand'), 1, 'same'));
      const seen = tf.relu(tf.depthwiseConv2d(wide, of(p, 'depthwise'), 1, 'same'));
      const block = tf.add(tf.conv2d(seen, of(p, 'project'), 1, 'same'), stem);
      const logits = tf.matMul(tf.mean(block, [1, 2]) as tf.Tensor2D, p['head'] as tf.Tensor2D);
      return tf.losses.softmaxCrossEntropy(tf.oneHot(data['labels'] as tf.Tensor1D, classes), logits) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)(keys.map((key) => params[key] as tf.Tensor));
    const updated = keys.map((key, i) => [key, tf.sub(params[key] as tf.Tensor, tf.mul(grads[i] as tf.Tensor, 0.1))]);
    return { state: Object.fromEntries(updated) as Tree, metrics: { loss: value } };
  });
}
