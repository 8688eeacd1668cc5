import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tf } from '../../../src/engine/tf.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { lower } from '../../../src/engine/compile/lower/lower.ts';
import { trace } from '../../../src/engine/compile/trace.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { OnnxExecutor } from '../../../src/engine/runtime/onnx-executor.ts';
import { loadRuntime } from '../../../src/engine/runtime/telemetry.ts';
import { groupNorm } from '../../../src/engine/nn/composites/group-norm.ts';
import type { Executor, HostTree, Program, Tree } from '../../../src/engine/nn/types.ts';
import { distancesFrom, eagerly, type Trajectory } from '../support/parity.ts';

type Images = tf.Tensor4D;
interface Family {
  readonly name: string;
  /** Trained tensors. */
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly batch: Readonly<Record<string, readonly number[]>>;
  readonly output: (params: Tree, batch: Tree) => tf.Tensor;
}

const of = <T extends tf.Tensor = tf.Tensor>(tree: Tree, key: string): T => tree[key] as T;
const conv = (x: tf.Tensor, w: tf.Tensor, stride: number): Images =>
  tf.conv2d(x as Images, w as Images, stride, 'same');
const depthwise = (x: tf.Tensor, w: tf.Tensor, stride: number): Images =>
  tf.depthwiseConv2d(x as Images, w as Images, stride, 'same');

const families: readonly Family[] = [
  {
    name: 'elementwise with broadcasting',
    state: { a: [3, 4, 5], b: [4, 1], c: [5] },
    batch: { x: [3, 4, 5] },
    output: (p, { x }) => {
      const s = tf.add(tf.mul(of(p, 'a'), of(p, 'b')), of(p, 'c'));
      const smooth = tf.addN([
        tf.exp(tf.neg(tf.square(s))),
        tf.sigmoid(s),
        tf.tanh(s),
        tf.softplus(s),
        tf.erf(s),
        tf.elu(s),
        tf.leakyRelu(s, 0.1),
      ]);
      const positive = tf.add(tf.abs(s), 0.5);
      const roots = tf.addN([
        tf.sqrt(positive),
        tf.rsqrt(positive),
        tf.log(positive),
        tf.log1p(positive),
        tf.reciprocal(positive),
        tf.pow(positive, 1.7),
      ]);
      const chosen = tf.where(tf.greater(x as tf.Tensor, 0), tf.maximum(s, smooth), tf.minimum(s, roots));
      return tf.add(chosen, tf.clipByValue(tf.squaredDifference(s, x as tf.Tensor), 0.1, 2));
    },
  },
  {
    name: 'reductions',
    state: { a: [3, 4, 5] },
    batch: {},
    output: (p) => {
      const a = of(p, 'a');
      const { mean, variance } = tf.moments(a, [0, 2], true);
      const parts = [
        tf.max(a, 1),
        tf.min(a, 1),
        tf.sum(a, [1]),
        tf.mean(tf.logSoftmax(a), 1),
        tf.sum(tf.mul(tf.softmax(a), tf.sub(a, mean)), 1),
        tf.tile(tf.mean(variance, 1), [3, 5]),
      ];
      return tf.stack(parts, 1);
    },
  },
  {
    name: 'matrix products',
    state: { a: [2, 3, 4], b: [2, 5, 4], c: [4, 6], bias: [6] },
    batch: { x: [3, 4] },
    output: (p, { x }) => {
      const c = of<tf.Tensor2D>(p, 'c');
      const batched = tf.matMul(of(p, 'a'), of(p, 'b'), false, true);
      const dense = tf.add(tf.matMul(x as tf.Tensor2D, c), of(p, 'bias'));
      return tf.concat([tf.reshape(batched, [-1]), tf.reshape(tf.matMul(dense as tf.Tensor2D, c, false, true), [-1])]);
    },
  },
  {
    name: 'arrangement',
    state: { a: [2, 6, 4] },
    batch: { x: [2, 6, 4] },
    output: (p, { x }) => {
      const a = of<tf.Tensor3D>(p, 'a');
      const [left, right] = tf.split(a, [2, 4], 1) as [tf.Tensor3D, tf.Tensor3D];
      const joined = tf.concat([tf.reverse(left, 1), tf.transpose(tf.transpose(right, [2, 0, 1]), [1, 2, 0])], 1);
      const padded = tf.pad(joined, [
        [0, 0],
        [1, 2],
        [0, 1],
      ]);
      const mirrored = tf.mirrorPad(
        joined,
        [
          [0, 0],
          [1, 1],
          [2, 0],
        ],
        'reflect',
      );
      const gathered = tf.gather(a, tf.tensor1d([3, 0, 3], 'int32'), 1);
      const cut = tf.stridedSlice(x as tf.Tensor, [0, 1, 0], [2, 6, 4], [1, 2, 1]);
      return tf.concat(
        [padded, mirrored, gathered, cut, tf.tile(tf.slice(a, [0, 1, 1], [2, 2, 3]), [1, 2, 1])].map((t) =>
          tf.reshape(t, [-1]),
        ),
      );
    },
  },
  {
    name: 'dense convolutions',
    state: { stem: [3, 3, 3, 20], wide: [3, 3, 20, 16], point: [1, 1, 16, 24], down: [1, 1, 16, 24], bias: [24] },
    batch: { x: [2, 27, 28, 3] },
    output: (p, { x }) => {
      const stem = tf.relu6(conv(x as tf.Tensor, of(p, 'stem'), 2));
      const wide = tf.relu(conv(stem, of(p, 'wide'), 1));
      const main = tf.relu(tf.add(tf.add(conv(wide, of(p, 'point'), 2), of(p, 'bias')), conv(wide, of(p, 'down'), 2)));
      return tf.mean(main, [1, 2]);
    },
  },
  {
    name: 'depthwise convolutions',
    state: { point: [1, 1, 3, 24], small: [3, 3, 24, 1], large: [5, 5, 24, 1], shift: [24] },
    batch: { x: [2, 28, 28, 3] },
    output: (p, { x }) => {
      const point = tf.relu6(conv(x as tf.Tensor, of(p, 'point'), 1));
      const first = tf.relu6(tf.add(depthwise(point, of(p, 'small'), 1), of(p, 'shift')));
      const second = tf.relu6(tf.add(depthwise(first, of(p, 'large'), 2), of(p, 'shift')));
      const third = tf.add(depthwise(second, of(p, 'large'), 1), second);
      return depthwise(third, of(p, 'small'), 2);
    },
  },
  {
    name: 'pools',
    state: { w: [3, 3, 3, 6] },
    batch: { x: [2, 12, 12, 3] },
    output: (p, { x }) => {
      const y = conv(x as tf.Tensor, of(p, 'w'), 1);
      const around: [number, number] = [1, 1];
      const stem = tf.maxPool(tf.pad(tf.relu(y), [[0, 0], around, around, [0, 0]]) as Images, 3, 2, 'valid');
      return tf.concat([stem, tf.avgPool(y, 2, 2, 'valid'), tf.maxPool(y, 2, 2, 'valid')], 3);
    },
  },
  {
    name: 'stem and planes of many sizes',
    state: { stem: [7, 7, 3, 16], down: [3, 3, 16, 24], same: [3, 3, 16, 24], last: [3, 3, 24, 16] },
    batch: { x: [4, 52, 52, 3] },
    output: (p, { x }) => {
      const around: [number, number] = [1, 1];
      const stem = tf.relu(tf.conv2d(x as Images, of<Images>(p, 'stem'), 2, 3));
      const pooled = tf.maxPool(tf.pad(stem, [[0, 0], around, around, [0, 0]]) as Images, 3, 2, 'valid');
      const both = tf.relu(tf.add(conv(pooled, of(p, 'same'), 1), conv(stem, of(p, 'down'), 2)));
      const large = tf.mean(conv(stem, of(p, 'same'), 1), [1, 2]);
      return tf.add(tf.mean(tf.relu(conv(both, of(p, 'last'), 2)), [1, 2, 3], true), tf.mean(large));
    },
  },
  {
    // 12 images are neither fewer groups than a block has channels nor a multiple of it.
    name: 'filters of many strides, of 12 images',
    state: {
      stem: [3, 3, 3, 16],
      point: [1, 1, 16, 40],
      sparse: [1, 1, 16, 8],
      short: [2, 2, 40, 16],
      three: [3, 3, 40, 24],
      five: [5, 5, 16, 16],
      apart: [5, 5, 40, 1],
    },
    batch: { x: [12, 27, 25, 3] },
    output: (p, { x }) => {
      const stem = conv(x as tf.Tensor, of(p, 'stem'), 2);
      const wide = tf.relu(conv(stem, of(p, 'point'), 1)) as Images;
      const branches = [
        conv(stem, of(p, 'sparse'), 2),
        conv(stem, of(p, 'sparse'), 3),
        // Rows and columns are left over, and some lie between the windows.
        tf.conv2d(wide, of<Images>(p, 'short'), 3, 'valid'),
        conv(wide, of(p, 'three'), 3),
        conv(wide, of(p, 'three'), 2),
        conv(stem, of(p, 'five'), 2),
        depthwise(wide, of(p, 'apart'), 3),
        tf.maxPool(wide, 2, 3, 'valid'),
        tf.maxPool(wide, 3, 2, 1),
      ];
      return tf.stack(branches.map((branch) => tf.mean(tf.square(branch), [1, 2, 3])));
    },
  },
  {
    name: 'the largest of overlapping windows',
    state: { w: [1, 1, 3, 16] },
    batch: { x: [2, 13, 12, 3], whole: [1, 1, 3, 16], weight: [2, 7, 6, 16] },
    output: (p, { x, whole, weight }) => {
      // Rounded, so that many elements of a window are equal.
      const rounded = tf.round(tf.mul(x as Images, 2));
      const y = tf.relu(conv(rounded, of(p, 'w'), 1));
      // Below zero and at it: what lies outside of the image is not the largest, though it may be taken for zero.
      const numbers = conv(rounded, tf.round(tf.mul(whole as Images, 2)), 1);
      const largest = (v: tf.Tensor) => tf.sum(tf.mul(tf.maxPool(v as Images, 3, 2, 'same'), weight as Images));
      const gradient = tf.grad(largest)(numbers);
      const pools = [tf.maxPool(y, 3, 2, 'same'), tf.maxPool(y, [2, 3], [2, 2], 'same')];
      const once = tf.add(tf.concat(pools, 3), tf.mean(tf.maxPool(y, 3, 1, 'same')));
      return tf.add(once, tf.sum(tf.mul(gradient, tf.sin(tf.range(0, 13 * 12 * 16).reshape([13, 12, 16])))));
    },
  },
  {
    name: 'group normalisation between convolutions',
    state: { stem: [3, 3, 3, 32], scale: [32], shift: [32], last: [1, 1, 32, 16], after: [16], end: [16] },
    batch: { x: [3, 9, 8, 3] },
    output: (p, { x }) => {
      // Far from zero: a variance made in one pass would be wrong.
      const stem = tf.add(conv(tf.add(x as tf.Tensor, 3), of(p, 'stem'), 1), 5) as Images;
      const y = tf.relu(groupNorm(conv(stem, of(p, 'last'), 1), of(p, 'after'), of(p, 'end'), 2, 1e-5));
      const wide = tf.relu(
        groupNorm(conv(tf.add(x as tf.Tensor, 3), of(p, 'stem'), 1), of(p, 'scale'), of(p, 'shift'), 4, 1e-5),
      );
      return tf.add(conv(wide, of(p, 'last'), 1), y);
    },
  },
  {
    name: 'resizing',
    state: { w: [3, 3, 3, 4] },
    batch: { x: [2, 8, 8, 3] },
    output: (p, { x }) => {
      const y = conv(x as tf.Tensor, of(p, 'w'), 1);
      return tf.concat([tf.image.resizeBilinear(y, [5, 7], true), tf.image.resizeBilinear(y, [5, 7])], 3);
    },
  },
  {
    name: 'embedding and one-hot',
    state: { table: [7, 6], w: [6, 5] },
    batch: {},
    output: (p) => {
      const labels = tf.tensor1d([1, 3, 3, 4], 'int32');
      const logits = tf.matMul(tf.gather(of<tf.Tensor2D>(p, 'table'), labels), of<tf.Tensor2D>(p, 'w'));
      return tf.sum(tf.mul(tf.oneHot(labels, 5), tf.logSoftmax(logits as tf.Tensor2D)), 1);
    },
  },
];

function filled(shapes: Family['state'], stream: string): HostTree {
  return Object.fromEntries(
    Object.entries(shapes).map(([key, shape]) => {
      const random = generator(7, `${stream}.${key}`);
      const data = random.normal(shape.reduce((a, b) => a * b, 1)).map((v) => 0.4 * v);
      return [key, { shape, dtype: 'float32' as const, data }];
    }),
  );
}

const specs = (shapes: Family['state']) =>
  Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, { shape, dtype: 'float32' as const }]));

function programOf({ name, state, batch, output }: Family): Program {
  const keys = Object.keys(state);
  return {
    name,
    signature: {
      state: specs(state),
      batch: specs(batch),
      hyper: { rate: { shape: [], dtype: 'float32' } },
      random: {},
    },
    step({ state: params, batch: data, hyper }) {
      const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
        const y = output(Object.fromEntries(keys.map((key, i) => [key, tensors[i]])) as Tree, data);
        return tf.mean(tf.mul(y, tf.reshape(tf.sin(tf.range(1, y.size + 1)), y.shape)));
      };
      const { value, grads } = tf.valueAndGrads(loss)(keys.map((key) => of(params, key)));
      const updated = keys.map((key, i) => [
        key,
        tf.sub(of(params, key), tf.mul(grads[i] as tf.Tensor, of(hyper, 'rate'))),
      ]);
      return {
        state: Object.fromEntries(updated) as Tree,
        metrics: {
          loss: value,
          ...Object.fromEntries(keys.map((key, i) => [`gradient.${key}`, grads[i] as tf.Tensor])),
        },
      };
    },
  };
}

const executors: Record<string, Executor> = {};
before(async () => {
  executors['this machine'] = await createExecutor('onnx');
  executors['standard operators'] = new OnnxExecutor(await loadRuntime(), 'portable', {
    provider: 'cpu',
    threads: 2,
    lowering: {},
  });
});
after(async () => {
  for (const executor of Object.values(executors)) await executor.dispose();
});

/** What a family does eagerly is the same for every target. */
const expected = new Map<Family, Trajectory>();

for (const target of ['this machine', 'standard operators'])
  for (const family of families)
    test(`${family.name}, ${target}: lowered against eager`, async () => {
      const inputs = {
        batch: filled(family.batch, 'batch'),
        hyper: { rate: { shape: [], dtype: 'float32' as const, data: Float32Array.of(0.1) } },
        random: {},
      };
      const tensors = tf.memory().numTensors;
      const [program, state] = [programOf(family), filled(family.state, 'state')];
      const eager = expected.get(family) ?? (await eagerly(program, state, [inputs]));
      expected.set(family, eager);
      const [step] = await distancesFrom(eager, program, state, [inputs], executors[target] as Executor);
      const { loss, metrics } = step ?? { loss: NaN, metrics: NaN };
      assert.ok(loss <= 1e-5, `loss ${loss}`);
      assert.ok(metrics <= 1e-4, `gradients ${metrics}`);
      assert.equal(tf.memory().numTensors, tensors);
    });

test('what follows from state that no step updates is computed at every load, and the step no longer reads it', async () => {
  const program: Program = {
    name: 'frozen filter',
    signature: { state: specs({ w: [3, 3, 16, 16] }), batch: specs({ x: [2, 8, 8, 16] }), hyper: {}, random: {} },
    step: ({ state, batch }) => ({ state: {}, metrics: { y: conv(of(batch, 'x'), tf.mul(of(state, 'w'), 2), 1) } }),
  };
  const inputs = { batch: filled({ x: [2, 8, 8, 16] }, 'batch'), hyper: {}, random: {} };
  const { w } = filled({ w: [3, 3, 16, 16] }, 'state');
  assert.ok(w);
  assert.deepEqual(
    lower(trace(program), { block: 8 }).inputs.map(({ name }) => name),
    ['batch.x'],
  );
  const compiled = await (executors['this machine'] as Executor).compile(program);
  const told: Float32Array[] = [];
  for (const times of [1, 3]) {
    await compiled.load({ w: { ...w, data: (w.data as Float32Array).map((value) => times * value) } });
    told.push((await compiled.run(inputs)).y?.data.slice() as Float32Array);
  }
  const [once, thrice] = told as [Float32Array, Float32Array];
  once.forEach((value, i) => assert.ok(Math.abs(3 * value - (thrice[i] as number)) < 1e-4));
  await compiled.dispose();
});

test('what no output needs is not emitted', () => {
  const program = (withGradient: boolean): Program => ({
    name: 'frozen',
    signature: { state: specs({ w: [3, 3, 16, 16] }), batch: specs({ x: [2, 8, 8, 16] }), hyper: {}, random: {} },
    step({ state, batch }) {
      const { value, grads } = tf.valueAndGrads((w: tf.Tensor) => tf.sum(conv(of(batch, 'x'), w, 1)) as tf.Scalar)([
        of(state, 'w'),
      ]);
      return {
        state: withGradient ? { w: tf.sub(of(state, 'w'), grads[0] as tf.Tensor) } : {},
        metrics: { loss: value },
      };
    },
  });
  const count = (p: Program) => Object.values(lower(trace(p), { block: 16 }).operators).reduce((a, b) => a + b, 0);
  assert.ok(count(program(false)) < count(program(true)) / 2);
});

test('bias, shortcut and relu6 become part of the convolution', () => {
  const program: Program = {
    name: 'fused',
    signature: {
      state: specs({ w: [1, 1, 16, 16], b: [16] }),
      batch: specs({ x: [2, 8, 8, 16] }),
      hyper: {},
      random: {},
    },
    step: ({ state, batch }) => ({
      state: {},
      metrics: { y: tf.relu6(tf.add(tf.add(conv(of(batch, 'x'), of(state, 'w'), 1), of(state, 'b')), of(batch, 'x'))) },
    }),
  };
  const { operators } = lower(trace(program), { block: 16 });
  assert.deepEqual([operators['Conv'], operators['Add'], operators['Clip']], [1, undefined, undefined]);
});

test('two runs from one state are bit for bit the same', async () => {
  const family = families.find(({ name }) => name === 'depthwise convolutions') as Family;
  const inputs = {
    batch: filled(family.batch, 'batch'),
    hyper: { rate: { shape: [], dtype: 'float32' as const, data: Float32Array.of(0.5) } },
    random: {},
  };
  const finals: HostTree[] = [];
  for (let attempt = 0; attempt < 2; attempt++) {
    const compiled = await (executors['this machine'] as Executor).compile(programOf(family));
    await compiled.load(filled(family.state, 'state'));
    for (let step = 0; step < 3; step++) await compiled.run(inputs);
    finals.push(await compiled.read());
    await compiled.dispose();
  }
  assert.deepEqual(finals[0], finals[1]);
});
