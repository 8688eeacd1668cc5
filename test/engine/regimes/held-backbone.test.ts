import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { viewPreset } from '../../../src/engine/augment/presets.ts';
import { select } from '../../../src/engine/nn/tree.ts';
import type { HostTree, Program } from '../../../src/engine/nn/types.ts';
import { riseAndCosine } from '../../../src/engine/optim/schedules.ts';
import { viewFeaturesProgram } from '../../../src/engine/regimes/programs/embed.ts';
import { finetuneRecipes } from '../../../src/engine/regimes/programs/finetune.ts';
import { headProgram } from '../../../src/engine/regimes/programs/head.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { finetunePair, twinOf } from '../methods/pairs.ts';
import { relativeError } from '../support/eager.ts';
import type { ProgramInputs } from '../support/parity.ts';

const executor = await createExecutor('onnx', { provider: 'cpu' });
after(() => executor.dispose());

async function once(program: Program, state: HostTree, inputs: ProgramInputs) {
  const compiled = await executor.compile(program);
  await compiled.load(state);
  const metrics = await compiled.run(inputs);
  return { metrics, state: await compiled.read() };
}

for (const beside of [0, 5]) {
  const joined = beside > 0 ? ', with what joins them' : '';
  test(`a head on features of views${joined} takes the step that fine-tuning takes with it on the same views`, () =>
    sameStep(beside));
}

async function sameStep(beside: number): Promise<void> {
  const [batch, classes, shape] = [4, 3, { recordSide: 32, size: 32, views: 'any-orientation' }] as const;
  const pair = finetunePair('efficientnet-lite0', 'all', { ...shape, batch, beside });
  const [inputs] = pair.inputs as [ProgramInputs];
  const whole = await once(pair.program, pair.state, inputs);

  const backbone = twinOf('efficientnet-lite0');
  const { images, boxes, labels, weights } = inputs.batch as Record<string, HostTree[string]>;
  const views = viewFeaturesProgram({ backbone, batch, ...shape, views: viewPreset(shape.views) });
  const frozen = select(pair.state, (name) => name.startsWith('backbone.'));
  const seen = await once(views, frozen, {
    batch: { images: images!, boxes: boxes! },
    hyper: {},
    random: inputs.random,
  });

  const head = headProgram({ features: backbone.features, beside, classes, batch });
  const start = head.initialState(select(pair.state, (name) => name.startsWith('head.')));
  const { head: rate, weightDecay } = finetuneRecipes.all;
  const alone = await once(head, start, {
    batch: {
      ...select(inputs.batch, (name) => name === 'beside'),
      features: seen.metrics['features']!,
      labels: labels!,
      weights: weights!,
    },
    hyper: head.hyper(rate * riseAndCosine(0, 3), weightDecay, 1),
    random: {},
  });
  assert.ok(relativeError(alone.metrics['loss']!.data, whole.metrics['loss']!.data) < 1e-5);
  for (const name of ['head.weight', 'head.bias']) {
    const [before, one, other] = [pair.state, alone.state, whole.state].map((state) => state[name]!.data);
    assert.ok(relativeError(one!, other!) < 1e-6, name);
    assert.ok(relativeError(before!, other!) > 1e-5, `${name} moved`);
  }
  const slot = 'slots.adamw.mean.head.weight';
  assert.ok(relativeError(alone.state[slot]!.data, whole.state[slot]!.data) < 1e-4, 'the gradients are the same');
}
