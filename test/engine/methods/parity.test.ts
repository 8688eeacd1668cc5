import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareProgram, type StepDistance } from '../support/parity.ts';
import { adaptPair, embedPair, finetunePair, type Pair } from './pairs.ts';

const pairs: Readonly<Record<string, () => Pair>> = {
  'BYOL, frozen statistics': () => adaptPair('efficientnet-lite0', 'byol'),
  'BYOL, heads only': () => adaptPair('efficientnet-lite0', 'byol', {}, { held: true }),
  'BYOL, raw to augmented': () => adaptPair('resnet18', 'byol', { pairing: 'raw-to-augmented' }),
  SimCLR: () => adaptPair('efficientnet-lite0', 'simclr'),
  SimSiam: () => adaptPair('bit-resnet50x1', 'simsiam'),
  SwAV: () => adaptPair('resnet18', 'swav', { smallCrops: 2 }),
  'DINO, batch statistics': () => adaptPair('resnet18', 'dino', { smallCrops: 2, statistics: 'batch' }),
  SupCon: () => adaptPair('efficientnet-lite0', 'supcon'),
  'fine-tuning of normalisation': () => finetunePair('efficientnet-lite0', 'norm', { views: 'stain' }),
  'fine-tuning of everything': () => finetunePair('efficientnet-lite0', 'all'),
  'features over eight turns': () => embedPair('efficientnet-lite0', 8),
};

for (const [name, pair] of Object.entries(pairs)) {
  test(`${name}: the lowered steps are the eager ones`, async (t) => {
    const { program, state, inputs } = pair();
    const { steps, perturbed } = await compareProgram(program, state, inputs);
    const first = steps[0] as StepDistance;
    assert.ok(first.loss <= 1e-5, `loss of step 1 differs by ${first.loss}`);
    assert.ok(first.gradients <= 1e-4, `gradients of step 1 differ by ${first.gradients}`);
    const [last, own] = [steps.at(-1), perturbed.at(-1)] as [StepDistance, StepDistance];
    t.diagnostic(`last step: loss ${last.loss}, state ${last.state}; eager under 1e-7: ${own.loss}, ${own.state}`);
    assert.ok(last.metrics <= Math.max(1e-4, 5 * own.metrics), `metrics: ${last.metrics} against ${own.metrics}`);
    assert.ok(last.state <= Math.max(1e-4, 5 * own.state), `state: ${last.state} against ${own.state}`);
  });
}
