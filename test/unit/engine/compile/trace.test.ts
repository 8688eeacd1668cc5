import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '../../../../src/engine/tf.ts';
import { trace } from '../../../../src/engine/compile/trace.ts';
import { TraceError } from '../../../../src/engine/compile/trace-error.ts';
import type { Program, StepInputs, StepOutputs, Tree } from '../../../../src/engine/nn/types.ts';

const scalar = { shape: [], dtype: 'float32' as const };

function program(step: (inputs: StepInputs<Tree>) => StepOutputs<Tree>): Program {
  return {
    name: 'tried',
    signature: {
      state: { w: { shape: [3, 2], dtype: 'float32' } },
      batch: { x: { shape: [4, 3], dtype: 'float32' } },
      hyper: { rate: scalar },
      random: {},
    },
    step,
  };
}
const x = ({ batch }: StepInputs<Tree>): tf.Tensor2D => batch['x'] as tf.Tensor2D;
const w = ({ state }: StepInputs<Tree>): tf.Tensor2D => state['w'] as tf.Tensor2D;
const metric = (y: tf.Tensor): StepOutputs<Tree> => ({ state: {}, metrics: { y } });

/** The engine is as before: same backend, no tensor more, random numbers again. */
function refused(step: (inputs: StepInputs<Tree>) => StepOutputs<Tree>, message: RegExp): void {
  const backend = tf.getBackend();
  const random = Math.random;
  assert.throws(
    () => trace(program(step)),
    (error: unknown) => error instanceof TraceError && message.test(error.message),
  );
  assert.equal(tf.getBackend(), backend);
  assert.equal(Math.random, random);
}

test('a program becomes a list of kernels with shapes and types', async () => {
  await tf.setBackend('cpu');
  const before = tf.memory();
  const graph = trace(
    program((inputs) => {
      const { value, grads } = tf.valueAndGrads(
        (v: tf.Tensor) => tf.sum(tf.relu(tf.matMul(x(inputs), v as tf.Tensor2D))) as tf.Scalar,
      )([w(inputs)]);
      return {
        state: { w: tf.sub(w(inputs), tf.mul(grads[0] as tf.Tensor, inputs.hyper['rate'] as tf.Tensor)) },
        metrics: { loss: value },
      };
    }),
  );
  assert.deepEqual([...graph.inputs.keys()], ['state.w', 'batch.x', 'hyper.rate']);
  assert.deepEqual(graph.outputs.get('state.w')?.shape, [3, 2]);
  assert.deepEqual(graph.outputs.get('metrics.loss')?.shape, []);
  assert.ok(graph.nodes.some((node) => node.kernel === 'BatchMatMul'));
  assert.deepEqual(tf.memory(), before);
});

test('the same kernel on the same values is recorded once', () => {
  const graph = trace(program((inputs) => metric(tf.add(tf.exp(x(inputs)), tf.exp(x(inputs))))));
  assert.equal(graph.nodes.filter((node) => node.kernel === 'Exp').length, 1);
});

test('an eager tensor of a closure becomes a constant', () => {
  const outside = tf.tensor1d([1, 2, 3]);
  const graph = trace(program((inputs) => metric(tf.mul(x(inputs), outside))));
  const constants = graph.nodes
    .flatMap((node) => node.inputs.map(([, value]) => value))
    .filter((value) => value.kind === 'constant');
  assert.deepEqual([...(constants[0]?.values ?? [])], [1, 2, 3]);
  outside.dispose();
});

test('reading a value is refused', () => {
  refused((inputs) => metric(tf.scalar(tf.sum(x(inputs)).dataSync()[0] ?? 0)), /read inside a program/);
  refused((inputs) => metric(tf.tensor(x(inputs).arraySync())), /read inside a program/);
});

test('drawing random numbers is refused, with and without a seed', () => {
  refused((inputs) => metric(tf.add(x(inputs), tf.randomNormal([4, 3]))), /random/);
  refused((inputs) => metric(tf.add(x(inputs), tf.randomNormal([4, 3], 0, 1, 'float32', 7))), /random/);
  refused((inputs) => metric(tf.add(x(inputs), tf.truncatedNormal([4, 3], 0, 1, 'float32', 7))), /random/);
  refused((inputs) => metric(tf.add(x(inputs), tf.randomUniform([4, 3], 0, 1, 'float32', 7))), /random/);
  refused((inputs) => metric(tf.dropout(x(inputs), 0.5, undefined, 3)), /random/);
  refused((inputs) => metric(tf.mul(x(inputs), Math.random())), /random/);
});

test('a tensor that outlives the trace is refused', () => {
  let kept: tf.Tensor | undefined;
  refused((inputs) => {
    kept = tf.keep(tf.mul(x(inputs), 2));
    return metric(kept);
  }, /left behind/);
  refused((inputs) => metric(tf.add(x(inputs), kept as tf.Tensor)), /earlier trace/);
  kept?.dispose();
});

test('a disposed tensor is refused, as it would be eagerly', () => {
  refused((inputs) => {
    const y = tf.mul(x(inputs), 2);
    const held = tf.add(y, 1);
    held.dispose();
    return { state: {}, metrics: { y: held } };
  }, /disposed/);
});

test('a kernel without a shape rule is named', () => {
  refused((inputs) => metric(tf.acosh(x(inputs))), /Acosh/);
});

test('bytes are cast, and nothing is computed with them before', () => {
  const withBytes = (step: (bytes: tf.Tensor) => tf.Tensor): Program => ({
    ...program(() => ({ state: {}, metrics: {} })),
    signature: { state: {}, batch: { x: { shape: [4], dtype: 'uint8' } }, hyper: {}, random: {} },
    step: ({ batch }) => metric(step(batch['x'] as tf.Tensor)),
  });
  const { nodes, inputs } = trace(withBytes((bytes) => tf.cast(tf.reverse(bytes, 0), 'float32')));
  assert.equal(inputs.get('batch.x')?.dtype, 'uint8');
  assert.deepEqual(
    nodes.map(({ kernel, outputs }) => [kernel, outputs[0]?.dtype]),
    [
      ['Reverse', 'uint8'],
      ['Cast', 'float32'],
    ],
  );
  assert.throws(() => trace(withBytes((bytes) => tf.add(bytes, tf.scalar(1, 'int32')))), /bytes must be cast/);
});

test('state that does not fit its signature is named', () => {
  refused(() => ({ state: { w: tf.zeros([2, 2]) }, metrics: {} }), /state\.w/);
  refused(() => ({ state: { other: tf.zeros([2]) }, metrics: {} }), /state\.other/);
});
