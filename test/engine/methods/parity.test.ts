import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Executor } from '../../../src/engine/nn/types.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { distancesFrom, eagerly, perturbedFrom, type StepDistance } from '../support/parity.ts';
import { adaptPair, embedPair, finetunePair, type Pair } from './pairs.ts';

const pairs: Readonly<Record<string, () => Pair>> = {
  'BYOL, frozen statistics': () => adaptPair('efficientnet-lite0', 'byol'),
  'BYOL, heads only': () => adaptPair('efficientnet-lite0', 'byol', {}, { held: true }),
  SimCLR: () => adaptPair('efficientnet-lite0', 'simclr'),
  'fine-tuning of normalisation': () => finetunePair('efficientnet-lite0', 'norm', { views: 'stain', seed: 5 }),
  'fine-tuning of everything': () => finetunePair('efficientnet-lite0', 'all'),
  'BYOL on EfficientNet-B0': () => adaptPair('efficientnet-b0', 'byol', {}, { batch: 8, steps: 1 }),
  'fine-tuning of everything in EfficientNet-B0': () => finetunePair('efficientnet-b0', 'all', { steps: 2 }),
  'BYOL on a vision transformer': () => adaptPair('vit-small-patch16', 'byol', {}, { steps: 1 }),
  'fine-tuning of everything in a vision transformer': () => finetunePair('vit-small-patch16', 'all'),
  "fine-tuning of a vision transformer's normalisation": () => finetunePair('vit-small-patch16', 'norm'),
  'features over eight turns': () => embedPair('efficientnet-lite0', 8),
};

let executor: Executor;
before(async () => {
  executor = await createExecutor('onnx');
});
after(() => executor.dispose());

for (const [name, pair] of Object.entries(pairs)) {
  test(`${name}: the lowered steps are the eager ones`, async (t) => {
    const { program, state, inputs, cancelled } = pair();
    const expected = await eagerly(program, state, inputs, cancelled);
    const steps = await distancesFrom(expected, program, state, inputs, executor, cancelled);
    const first = steps[0] as StepDistance;
    assert.ok(first.loss <= 1e-5, `loss of step 1 differs by ${first.loss}`);
    assert.ok(first.gradients <= 1e-4, `gradients of step 1 differ by ${first.gradients}`);
    const last = steps.at(-1) as StepDistance;
    t.diagnostic(`last step: loss ${last.loss}, state ${last.state}`);
    if (last.metrics <= 1e-4 && last.state <= 1e-4) return;
    // Where rounding grows from step to step, it may grow as it does between two eager runs.
    const own = (await perturbedFrom(expected, program, state, inputs, cancelled)).at(-1) as StepDistance;
    t.diagnostic(`eager under 1e-7: loss ${own.loss}, state ${own.state}`);
    assert.ok(last.metrics <= Math.max(1e-4, 5 * own.metrics), `metrics: ${last.metrics} against ${own.metrics}`);
    assert.ok(last.state <= Math.max(1e-4, 5 * own.state), `state: ${last.state} against ${own.state}`);
  });
}
