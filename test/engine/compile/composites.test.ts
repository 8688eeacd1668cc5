import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '../../../src/engine/tf.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { batchNormTrain } from '../../../src/engine/nn/composites/batch-norm.ts';
import { channelGate } from '../../../src/engine/nn/composites/channel-gate.ts';
import { cosineLoss } from '../../../src/engine/nn/composites/cosine-loss.ts';
import { gelu } from '../../../src/engine/nn/composites/gelu.ts';
import { groupNorm } from '../../../src/engine/nn/composites/group-norm.ts';
import { layerNorm } from '../../../src/engine/nn/composites/layer-norm.ts';
import { swish } from '../../../src/engine/nn/composites/swish.ts';
import { weightStandardisation } from '../../../src/engine/nn/composites/weight-standardisation.ts';
import type { HostTree, Program, Tree } from '../../../src/engine/nn/types.ts';
import { compareProgram } from '../support/parity.ts';

interface Case {
  readonly name: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly apply: (inputs: Tree) => tf.Tensor;
}

const of = (tree: Tree, key: string): tf.Tensor => tree[key] as tf.Tensor;
const image = { x: [2, 3, 4, 6], scale: [6], shift: [6] };
const cases: readonly Case[] = [
  {
    name: 'layerNorm',
    shapes: { x: [5, 7], scale: [7], shift: [7] },
    apply: (t) => layerNorm(of(t, 'x'), of(t, 'scale'), of(t, 'shift'), 1e-5),
  },
  {
    name: 'batchNormTrain of images',
    shapes: image,
    apply: (t) => batchNormTrain(of(t, 'x'), of(t, 'scale'), of(t, 'shift'), 1e-5).y,
  },
  {
    name: 'batchNormTrain of rows',
    shapes: { x: [9, 5], scale: [5], shift: [5] },
    apply: (t) => batchNormTrain(of(t, 'x'), of(t, 'scale'), of(t, 'shift'), 1e-5).y,
  },
  {
    name: 'groupNorm',
    shapes: image,
    apply: (t) => groupNorm(of(t, 'x') as tf.Tensor4D, of(t, 'scale'), of(t, 'shift'), 3, 1e-5),
  },
  {
    name: 'weightStandardisation',
    shapes: { weight: [3, 3, 4, 5] },
    apply: (t) => weightStandardisation(of(t, 'weight') as tf.Tensor4D, 1e-8),
  },
  {
    name: 'channelGate',
    shapes: { x: [2, 3, 4, 6], gate: [2, 6] },
    apply: (t) => channelGate(of(t, 'x') as tf.Tensor4D, of(t, 'gate') as tf.Tensor2D),
  },
  { name: 'swish', shapes: { x: [4, 7] }, apply: (t) => swish(of(t, 'x')) },
  { name: 'gelu', shapes: { x: [4, 7] }, apply: (t) => gelu(of(t, 'x')) },
  {
    name: 'cosineLoss',
    shapes: { a: [4, 6], b: [4, 6] },
    apply: (t) => cosineLoss(of(t, 'a') as tf.Tensor2D, of(t, 'b') as tf.Tensor2D),
  },
];

function values(shapes: Case['shapes']): HostTree {
  const random = generator(3, 'composites');
  return Object.fromEntries(
    Object.entries(shapes).map(([key, shape]) => {
      const data = random.normal(shape.reduce((a, b) => a * b, 1));
      return [key, { shape, dtype: 'float32' as const, data: key === 'scale' ? data.map((v) => 1 + 0.2 * v) : data }];
    }),
  );
}

/** A loss that no symmetry makes flat: the result weighted by numbers that differ. */
function weighted(y: tf.Tensor): tf.Scalar {
  const weights = tf.reshape(tf.sin(tf.mul(tf.range(1, y.size + 1), 1.7)), y.shape);
  return tf.sum(tf.mul(y, weights));
}

for (const { name, shapes, apply } of cases) {
  const keys = Object.keys(shapes);

  test(`${name}: gradient against finite differences`, async () => {
    await tf.setBackend('cpu');
    const start = values(shapes);
    const toTensors = (tree: HostTree) =>
      keys.map((key) => tf.tensor(tree[key]?.data as Float32Array, [...(shapes[key] ?? [])]));
    const loss = (...tensors: tf.Tensor[]) =>
      weighted(apply(Object.fromEntries(keys.map((key, i) => [key, tensors[i]])) as Tree));
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const gradients = tf.grads(loss)(toTensors(start));
      keys.forEach((key, i) => {
        const analytic = gradients[i]?.dataSync() ?? new Float32Array();
        const numeric = analytic.map((_, j) => {
          const step = 1e-2;
          const at = (sign: number): number => {
            const data = Float32Array.from(start[key]?.data ?? []);
            data[j] = (data[j] ?? 0) + sign * step;
            return tf.tidy(
              () =>
                loss(
                  ...toTensors({ ...start, [key]: { shape: shapes[key] ?? [], dtype: 'float32', data } }),
                ).dataSync()[0] ?? NaN,
            );
          };
          // Fourth order, so that the step can be large against float32's rounding.
          return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
        });
        const norm = (v: ArrayLike<number>) => Math.sqrt(Array.from(v).reduce((sum, x) => sum + x * x, 0));
        const error = norm(analytic.map((v, j) => v - (numeric[j] ?? NaN))) / norm(numeric);
        assert.ok(error < 2e-3, `${name} by ${key}: ${error}`);
      });
    });
    assert.equal(tf.memory().numTensors, before);
  });

  test(`${name}: lowered against eager`, async () => {
    const state = values(shapes);
    const program: Program = {
      name,
      signature: {
        state: Object.fromEntries(keys.map((key) => [key, { shape: shapes[key] ?? [], dtype: 'float32' }])),
        batch: {},
        hyper: {},
        random: {},
      },
      step({ state: tree }) {
        const loss = (...tensors: tf.Tensor[]) =>
          weighted(apply(Object.fromEntries(keys.map((key, i) => [key, tensors[i]])) as Tree));
        const { value, grads } = tf.valueAndGrads(loss)(keys.map((key) => of(tree, key)));
        return {
          state: {},
          metrics: {
            loss: value,
            y: apply(tree),
            ...Object.fromEntries(keys.map((key, i) => [`d${key}`, grads[i] as tf.Tensor])),
          },
        };
      },
    };
    const { steps } = await compareProgram(program, state, [{ batch: {}, hyper: {}, random: {} }]);
    assert.ok((steps[0]?.loss ?? NaN) <= 1e-5, `loss ${steps[0]?.loss}`);
    assert.ok((steps[0]?.metrics ?? NaN) <= 1e-5, `metrics ${steps[0]?.metrics}`);
  });
}
