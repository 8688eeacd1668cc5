import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trace } from '../../../src/engine/compile/trace.ts';
import { methods } from '../../../src/engine/methods/registry.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { scalar } from '../../../src/engine/optim/scalar.ts';
import { compareProgram, type StepDistance } from '../support/parity.ts';
import { finetunePair } from './pairs.ts';

const lite = 'efficientnet-lite0';

test('every method can stand beside the supervised loss: what it trains and remembers moves', () => {
  for (const { name } of methods) {
    const { program, state } = finetunePair(lite, 'norm', { auxiliary: [name, 0.5], batch: 2 });
    const updated = trace(program).outputs;
    const moving = Object.keys(state).filter((key) => /^auxiliary\.(online|buffers)\./.test(key));
    assert.ok(moving.length > 0, name);
    for (const key of moving) {
      // What is found before the first step stands still: the words of a round, the mean of a teacher.
      const still = ['bownet', 'distill'].includes(name) && key.includes('buffers');
      assert.equal(updated.has(`state.${key}`), !still, `${name}: ${key}`);
    }
  }
});

test('the loss is the supervised one and the weight times the auxiliary one', async () => {
  const { program, state, inputs } = finetunePair(lite, 'all', { auxiliary: ['rotation', 1], batch: 2, steps: 1 });
  const [step] = inputs as [(typeof inputs)[number]];
  const executor = await createExecutor('onnx');
  const compiled = await executor.compile(program);
  const first = async (weight: number): Promise<{ loss: number; gradient: Float32Array }> => {
    await compiled.load(state);
    const { loss } = await compiled.run({ ...step, hyper: { ...step.hyper, 'auxiliary.weight': scalar(weight) } });
    const moments = (await compiled.read())['slots.adamw.mean.backbone.conv_stem.weight'];
    return { loss: loss?.data[0] ?? Number.NaN, gradient: moments?.data as Float32Array };
  };
  const [none, one, two] = [await first(0), await first(1), await first(2)];
  await executor.dispose();
  const auxiliary = one.loss - none.loss;
  assert.ok(auxiliary > 0.5, `${auxiliary}`);
  assert.ok(Math.abs(two.loss - none.loss - 2 * auxiliary) < 1e-4);
  const share = none.gradient.map((value, i) => (one.gradient[i] as number) - value);
  assert.ok(Math.hypot(...share) > 1e-3 * Math.hypot(...none.gradient), 'the backbone learns by it');
  const twice = none.gradient.map((value, i) => (two.gradient[i] as number) - value - 2 * (share[i] as number));
  assert.ok(Math.hypot(...twice) <= 1e-3 * Math.hypot(...share));
});

test('words and a moving target beside the supervised loss: the lowered steps are the eager ones', async () => {
  const auxiliary = ['obow', 0.5] as const;
  const { program, state, inputs } = finetunePair(lite, 'norm', { auxiliary, batch: 2, steps: 1 });
  const { steps, perturbed } = await compareProgram(program, state, inputs);
  const [first, own] = [steps[0], perturbed[0]] as [StepDistance, StepDistance];
  assert.ok(first.loss <= 1e-5, `loss: ${first.loss}`);
  assert.ok(first.gradients <= 1e-4, `gradients: ${first.gradients}`);
  assert.ok(first.state <= Math.max(1e-4, 5 * own.state), `state: ${first.state}`);
});
