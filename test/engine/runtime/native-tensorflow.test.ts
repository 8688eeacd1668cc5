import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostTree, Program } from '../../../src/engine/nn/types.ts';
import { conv2d, depthwiseConv2d } from '../../../src/engine/nn/layers.ts';
import { EagerExecutor } from '../../../src/engine/runtime/eager-executor.ts';
import { createEagerExecutor } from '../../../src/engine/runtime/executor.ts';
import { installedNative, NATIVE, nativeTensorflow } from '../../../src/engine/runtime/native-tensorflow.ts';
import { probe } from '../../../src/engine/runtime/probe.ts';
import { tf } from '../../../src/engine/tf.ts';
import { adaptPair, finetunePair } from '../methods/pairs.ts';
import { compareProgram, type StepDistance } from '../support/parity.ts';
import { unitTensor } from '../support/formula.ts';

/** Convolutions with numbers of pixels around, on odd and even planes, with both gradients. */
function paddedProgram(): { program: Program; state: HostTree } {
  const state: HostTree = {};
  const cases = [
    { side: 9, kernel: 7, stride: 2, padding: 3 },
    { side: 8, kernel: 3, stride: 2, padding: 1 },
    { side: 6, kernel: 3, stride: 1, padding: 1 },
    { side: 5, kernel: 1, stride: 2, padding: 0 },
  ];
  const kinds = { dense: { convolve: conv2d, out: 5 }, depthwise: { convolve: depthwiseConv2d, out: 1 } };
  const all = Object.entries(kinds).flatMap(([kind, { convolve, out }]) =>
    cases.map((options, i) => ({ key: `${kind}${i}`, convolve, out, ...options })),
  );
  all.forEach(({ key, side, kernel, out }, i) => {
    state[`${key}.x`] = unitTensor([2, side, side, 4], i);
    state[`${key}.filter`] = unitTensor([kernel, kernel, 4, out], i + 50);
  });
  const signature = { state, batch: {}, hyper: {}, random: {} };
  const step: Program['step'] = ({ state: given }) => {
    const metrics: Record<string, tf.Tensor> = {};
    for (const { key, convolve, stride, padding } of all) {
      const [x, filter] = [given[`${key}.x`], given[`${key}.filter`]] as [tf.Tensor4D, tf.Tensor4D];
      const y = (a: tf.Tensor, b: tf.Tensor) => convolve(a as tf.Tensor4D, b as tf.Tensor4D, { stride, padding });
      const [dx, dw] = tf.grads((a, b) => tf.sum(tf.square(y(a, b))))([x, filter]) as [tf.Tensor, tf.Tensor];
      Object.assign(metrics, { [`${key}.y`]: y(x, filter), [`${key}.dx`]: dx, [`${key}.dw`]: dw });
    }
    return { state: {}, metrics };
  };
  return { program: { name: 'padded', signature, step }, state };
}

const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));

async function once(executor: EagerExecutor, { program, state }: ReturnType<typeof paddedProgram>): Promise<HostTree> {
  const compiled = await executor.compile(program);
  await compiled.load(state);
  return compiled.run({ batch: {}, hyper: {}, random: {} });
}

const native = {
  skip: installedNative().length === 0 && 'no @tensorflow/tfjs-node(-gpu) is installed: docs/native-tensorflow.md',
};

test('the native TF.js opens, and eager runs on it', native, () => {
  const { name, problem } = nativeTensorflow();
  assert.equal(problem, null);
  assert.ok(createEagerExecutor().name.includes(String(name)));
  assert.equal(tf.getBackend(), NATIVE);
});

test(
  'native convolutions padded by numbers of pixels, and their gradients, are those of the JavaScript backend',
  native,
  async () => {
    nativeTensorflow();
    const [tensorflow, plain] = [new EagerExecutor(NATIVE, 'native'), new EagerExecutor('cpu', 'JavaScript')];
    const [got, expected] = [await once(tensorflow, paddedProgram()), await once(plain, paddedProgram())];
    for (const [key, { shape, data }] of Object.entries(expected)) {
      assert.deepEqual(got[key]?.shape, shape, key);
      const error = norm(data.map((v, i) => v - (got[key]?.data[i] as number))) / norm(data);
      assert.ok(error <= 1e-5, `${key} differs by ${error}`);
    }
    await Promise.all([tensorflow.dispose(), plain.dispose()]);
  },
);

const pairs = {
  'BYOL of EfficientNet': () => adaptPair('efficientnet-lite0', 'byol'),
  'SimCLR of ResNet': () => adaptPair('resnet18', 'simclr'),
  'fine-tuning of BiT': () => finetunePair('bit-resnet50x1', 'all'),
};
for (const [name, pair] of Object.entries(pairs))
  test(`${name}: the native steps are the lowered ones`, native, async (t) => {
    const { program, state, inputs } = pair();
    const { steps, perturbed } = await compareProgram(program, state, inputs);
    const [first, own] = [steps[0], perturbed[0]] as [StepDistance, StepDistance];
    t.diagnostic(`step 1: loss ${first.loss}, gradients ${first.gradients}; under 1e-7: ${own.gradients}`);
    assert.ok(first.loss <= 1e-5, `loss of step 1 differs by ${first.loss}`);
    assert.ok(first.gradients <= Math.max(1e-4, 5 * own.gradients), `gradients of step 1: ${first.gradients}`);
  });

test('no native step leaves a tensor behind', native, async () => {
  const { program, state, inputs } = adaptPair('resnet18', 'byol', {}, { steps: 1 });
  const executor = createEagerExecutor();
  const before = tf.memory().numTensors;
  const compiled = await executor.compile(program);
  await compiled.load(state);
  const counts: number[] = [];
  for (let step = 0; step < 6; step++) {
    await compiled.run(inputs[0] as (typeof inputs)[number]);
    counts.push(tf.memory().numTensors);
  }
  assert.deepEqual(
    counts,
    Array.from(counts, () => before + Object.keys(state).length),
  );
  await executor.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('the native TF.js is tried in a child, for doctor', native, async () => {
  const reply = await probe(NATIVE);
  assert.equal(reply.problem, null);
  assert.deepEqual(
    reply.selfTests.map(({ passed }) => passed),
    [true, true],
  );
});
