import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { generator } from '../../../src/engine/data/random.ts';
import type { Tree } from '../../../src/engine/nn/types.ts';
import { adamW } from '../../../src/engine/optim/adamw.ts';
import { moveTowards } from '../../../src/engine/optim/ema.ts';
import { valueAndGradients } from '../../../src/engine/optim/gradients.ts';
import { lars } from '../../../src/engine/optim/lars.ts';
import { sgd } from '../../../src/engine/optim/sgd.ts';
import type { GroupRate, Optimizer } from '../../../src/engine/optim/types.ts';
import { tf } from '../../../src/engine/tf.ts';
import { toTensors, useEager } from '../support/eager.ts';

const n = 40;
const steps = 25;
const start = generator(1, 'start').normal(n);
/** Of very different sizes, as gradients of one network are. */
const gradientAt = (step: number): Float32Array =>
  generator(2, 'gradients', step)
    .normal(n)
    .map((value, i) => value * 10 ** ((i % 7) - 4));
const rateAt = (step: number): number => 1e-2 * (1 - step / steps);
const weightDecay = 0.1;

/** The optimizer's graph, step by step; `heldAt` says where the group is held. */
function run(optimizer: Optimizer, heldAt: (step: number) => boolean = () => false): Float32Array {
  const spec = { w: { shape: [n], dtype: 'float32' as const } };
  let state: Tree = { w: tf.tensor1d(start) };
  for (const [name, { shape }] of Object.entries(optimizer.slots(spec))) state[name] = tf.zeros([...shape]);
  let trained = 0;
  for (let step = 0; step < steps; step++) {
    const held = heldAt(step);
    if (!held) trained++;
    const rate: GroupRate = { rate: rateAt(step), weightDecay, step: held ? 0 : trained };
    const gradients = { w: tf.tensor1d(gradientAt(step)) };
    const hyper = toTensors(optimizer.hyper('all', rate));
    assert.deepEqual(Object.keys(hyper), Object.keys(optimizer.hyperSpec(['all'])));
    state = { ...state, ...tf.tidy(() => optimizer.update(state, gradients, state, hyper, () => 'all')) };
  }
  return state['w']?.dataSync() as Float32Array;
}

function assertClose(actual: Float32Array, expected: Float64Array): void {
  actual.forEach((value, i) => {
    const wanted = expected[i] as number;
    assert.ok(Math.abs(value - wanted) <= 2e-6 * Math.max(1, Math.abs(wanted)), `${i}: ${value} for ${wanted}`);
  });
}

/** torch.optim.AdamW as its documentation writes it, in float64. */
function referenceAdamW(heldAt: (step: number) => boolean = () => false): Float64Array {
  const w = Float64Array.from(start);
  const m = new Float64Array(n);
  const v = new Float64Array(n);
  let t = 0;
  for (let step = 0; step < steps; step++) {
    if (heldAt(step)) continue;
    t++;
    const g = gradientAt(step);
    for (let i = 0; i < n; i++) {
      const [wi, mi, vi, gi] = [w[i], m[i], v[i], g[i]] as [number, number, number, number];
      const decayed = wi - rateAt(step) * weightDecay * wi;
      m[i] = 0.9 * mi + 0.1 * gi;
      v[i] = 0.999 * vi + 0.001 * gi * gi;
      const mHat = (m[i] as number) / (1 - 0.9 ** t);
      const vHat = (v[i] as number) / (1 - 0.999 ** t);
      w[i] = decayed - (rateAt(step) * mHat) / (Math.sqrt(vHat) + 1e-8);
    }
  }
  return w;
}

function referenceSgd(): Float64Array {
  const w = Float64Array.from(start);
  const u = new Float64Array(n);
  for (let step = 0; step < steps; step++) {
    const g = gradientAt(step);
    for (let i = 0; i < n; i++) {
      u[i] = 0.9 * (u[i] as number) + (g[i] as number) + weightDecay * (w[i] as number);
      w[i] = (w[i] as number) - rateAt(step) * (u[i] as number);
    }
  }
  return w;
}

before(useEager);

test('AdamW moves as PyTorch defines it', () => assertClose(run(adamW()), referenceAdamW()));

test('a held group neither moves nor remembers: it starts afresh when it is let go', () => {
  const heldAt = (step: number): boolean => step < 10;
  assertClose(run(adamW(), heldAt), referenceAdamW(heldAt));
  assert.deepEqual(
    run(adamW(), () => true),
    start,
  );
  assert.deepEqual(
    run(sgd(), () => true),
    start,
  );
});

test('SGD with momentum moves as PyTorch defines it', () => {
  const actual = run(sgd());
  const expected = referenceSgd();
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - (expected[i] as number)) <= 1e-4 * Math.abs(expected[i] as number) + 1e-5),
  );
});

/** Filters of two tensors, one of them 0, and a bias, by the paper's algorithm in float64. */
test('LARS moves each tensor by its own norm, and biases as SGD does', () => {
  const shapes = { filter: [4, 5], zero: [2, 3], bias: [6] };
  const random = generator(5, 'lars');
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const first = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      name === 'zero' ? new Float32Array(size(shape)) : random.normal(size(shape)),
    ]),
  );
  const optimizer = lars();
  let state: Tree = Object.fromEntries(
    Object.entries(first).map(([name, data]) => [name, tf.tensor(data, shapes[name as 'bias'])]),
  );
  const slots = optimizer.slots(
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }])),
  );
  for (const [name, { shape }] of Object.entries(slots)) state[name] = tf.zeros([...shape]);
  const expected = Object.fromEntries(Object.entries(first).map(([name, data]) => [name, Float64Array.from(data)]));
  const velocity = Object.fromEntries(
    Object.entries(first).map(([name, data]) => [name, new Float64Array(data.length)]),
  );
  const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
  for (let step = 0; step < 6; step++) {
    const held = step === 3;
    const gradients = Object.fromEntries(
      Object.entries(first).map(([name, { length }]) => [name, generator(6, name, step).normal(length)]),
    );
    const hyper = toTensors(optimizer.hyper('all', { rate: 0.3, weightDecay, step: held ? 0 : 1 }));
    const told = Object.fromEntries(
      Object.entries(gradients).map(([name, data]) => [name, tf.tensor(data, shapes[name as 'bias'])]),
    );
    state = { ...state, ...tf.tidy(() => optimizer.update(state, told, state, hyper, () => 'all')) };
    if (held) continue;
    for (const [name, w] of Object.entries(expected)) {
      const g = gradients[name] as Float32Array;
      const v = velocity[name] as Float64Array;
      const [decay, ratio] =
        name === 'bias'
          ? [0, 1]
          : [weightDecay, norm(w) > 0 ? (1e-3 * norm(w)) / (norm(g) + weightDecay * norm(w)) : 1];
      w.forEach((value, i) => {
        v[i] = 0.9 * (v[i] as number) + 0.3 * ratio * ((g[i] as number) + decay * value);
      });
      w.forEach((value, i) => (w[i] = value - (v[i] as number)));
    }
  }
  for (const [name, w] of Object.entries(expected)) assertClose(state[name]?.dataSync() as Float32Array, w);
});

test('a target that equals its online network stays exactly equal, and else moves by the share', () => {
  const online = { a: tf.tensor1d([1 / 3, 2, -5]) };
  const moved = (from: number[], share: number): number[] =>
    Array.from(moveTowards({ t: tf.tensor1d(from) }, online, [['t', 'a']], tf.scalar(share))['t']?.dataSync() ?? []);
  assert.deepEqual(moved([1 / 3, 2, -5], 0.0137), [Math.fround(1 / 3), 2, -5]);
  const [, second] = moved([0, 0, 0], 0.25);
  assert.equal(second, 0.5);
});

test('gradients come with their names, extras survive the tape, nothing leaks', () => {
  const params = { a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) };
  const evaluate = (p: Tree) => {
    const product = tf.mul(p['a'] as tf.Tensor, p['b'] as tf.Tensor);
    return { loss: tf.sum(tf.square(product)) as tf.Scalar, extra: { product } };
  };
  const before = tf.memory().numTensors;
  const { loss, gradients, extra } = tf.tidy(() => ({ ...valueAndGradients(params, evaluate) }));
  assert.equal(loss.dataSync()[0], 73);
  assert.deepEqual([...(gradients['a']?.dataSync() ?? [])], [18, 64]);
  assert.deepEqual([...(gradients['b']?.dataSync() ?? [])], [6, 32]);
  assert.deepEqual([...(extra['product']?.dataSync() ?? [])], [3, 8]);
  assert.equal(tf.memory().numTensors, before + 4);
});

test('a parameter that does not reach the loss is an error, not a silence', () => {
  const params = { used: tf.scalar(2), unused: tf.scalar(3) };
  assert.throws(
    () => valueAndGradients(params, (p) => ({ loss: tf.square(p['used'] as tf.Scalar), extra: {} })),
    /Cannot compute gradient/,
  );
});
