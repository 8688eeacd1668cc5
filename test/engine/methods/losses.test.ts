import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { negativeCosine } from '../../../src/engine/methods/losses/cosine.ts';
import { ntXent } from '../../../src/engine/methods/losses/ntxent.ts';
import { tf } from '../../../src/engine/tf.ts';
import { useEager } from '../support/eager.ts';
import { unit } from '../support/formula.ts';

interface Reference {
  inputs: [rows: number, columns: number, seed: number, stop?: 'stop-gradient'][];
  temperature?: number;
  loss: number;
  grads: { norm: number; first8: number[] }[];
}
type Loss = (a: tf.Tensor2D, b: tf.Tensor2D, reference: Reference) => tf.Scalar;

const path = new URL('../../fixtures/oracles/losses.json', import.meta.url);
const references = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Reference>;

const contrast: Loss = (a, b, { temperature }) => ntXent(tf.concat([a, b]), tf.scalar(temperature ?? 0));
const losses: Record<string, Loss> = {
  byol_pair_2_minus_2cos: (a, b) => tf.add(2, tf.mul(2, negativeCosine(a, b))),
  negative_cosine: (a, b) => negativeCosine(a, b),
  'ntxent_T0.1': contrast,
  'ntxent_T0.5': contrast,
};

before(useEager);

for (const [name, loss] of Object.entries(losses)) {
  test(`${name} has the reference's value and gradients`, () => {
    const reference = references[name] as Reference;
    const [a, b] = reference.inputs.map(([rows, columns, seed]) =>
      tf.tensor2d(Float32Array.from(unit(rows * columns, seed)), [rows, columns]),
    ) as [tf.Tensor2D, tf.Tensor2D];
    const { value, grads } = tf.valueAndGrads((x, y) => loss(x as tf.Tensor2D, y as tf.Tensor2D, reference))([a, b]);
    const close = (actual: number, expected: number): void =>
      assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)), `${actual} for ${expected}`);
    close(value.dataSync()[0] as number, reference.loss);
    const differentiated = reference.inputs.flatMap((input, i) => (input[3] ? [] : [grads[i] as tf.Tensor]));
    assert.equal(differentiated.length, reference.grads.length);
    differentiated.forEach((gradient, i) => {
      const values = gradient.dataSync();
      const expected = reference.grads[i] as Reference['grads'][number];
      close(Math.hypot(...values), expected.norm);
      expected.first8.forEach((entry, k) => close(values[k] as number, entry));
    });
  });
}
