import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareProgram, type StepDistance } from '../support/parity.ts';
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

for (const [name, pair] of Object.entries(pairs)) {
  test(`${name}: the lowered steps are the eager ones`, async (t) => {
    const { program, state, inputs, cancelled } = pair();
    const { steps, perturbed } = await compareProgram(program, state, inputs, undefined, cancelled);
    const first = steps[0] as StepDistance;
    assert.ok(first.loss <= 1e-5, `loss of step 1 differs by ${first.loss}`);
    assert.ok(first.gradients <= 1e-4, `gradients of step 1 differ by ${first.gradients}`);
    const [last, own] = [steps.at(-1), perturbed.at(-1)] as [StepDistance, StepDistance];
    t.diagnostic(`last step: loss ${last.loss}, state ${last.state}; eager under 1e-7: ${own.loss}, ${own.state}`);
    assert.ok(last.metrics <= Math.max(1e-4, 5 * own.metrics), `metrics: ${last.metrics} against ${own.metrics}`);
    assert.ok(last.state <= Math.max(1e-4, 5 * own.state), `state: ${last.state} against ${own.state}`);
  });
}
