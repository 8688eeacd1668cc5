import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Executor } from '../../../src/engine/nn/types.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { findWeights } from '../../../src/engine/weights/manifest.ts';
import { checkFormulaBackbone, checkPretrained } from '../support/oracles/backbones.ts';
import { failed, type Finding } from '../support/oracles/finding.ts';

const fixture = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../../fixtures/oracles/${name}.json`, import.meta.url), 'utf8'));

const agrees = (findings: readonly Finding[], count: number): void => {
  assert.equal(findings.filter(({ error }) => error !== null).length, count);
  assert.deepEqual(findings.filter(failed), []);
};

describe("backbones agree with timm's values to 1e-4", () => {
  let onnx: Executor;
  let eager: Executor;
  before(async () => {
    onnx = await createExecutor('onnx');
    eager = await createExecutor('eager');
  });
  after(async () => {
    await onnx.dispose();
    await eager.dispose();
  });

  for (const name of [
    'tf_efficientnet_lite0_96',
    'efficientnet_b0_96',
    'resnet18_96',
    'resnetv2_50x1_bit_96',
    'vit_small_patch16_224_224',
    'vit_small_patch16_224_96',
  ]) {
    it(`${name}, lowered`, async () => agrees(await checkFormulaBackbone(await fixture(`backbone_${name}`), onnx), 4));
  }

  it('tf_efficientnet_lite0_96, eager', async () =>
    agrees(await checkFormulaBackbone(await fixture('backbone_tf_efficientnet_lite0_96'), eager), 4));

  it('the shipped weights of EfficientNet-Lite0', async () => {
    const weights = await findWeights('efficientnet-lite0');
    assert.ok(weights);
    const reference = await fixture('pretrained_efficientnet-lite0_96');
    agrees(await checkPretrained(reference, 'efficientnet-lite0', weights.path, onnx), 3);
  });
});
