import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Backbone } from '../../../src/engine/backbones/types.ts';
import { decodeModel } from '../../../src/engine/compile/onnx/decode.ts';
import { encodeModel, type OnnxModel } from '../../../src/engine/compile/onnx/encode.ts';
import type { HostTree, Program } from '../../../src/engine/nn/types.ts';
import { appliedProgram, modelPrefix } from '../../../src/engine/regimes/programs/applied.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { standalone } from '../../../src/engine/runtime/standalone.ts';
import { loadRuntime } from '../../../src/engine/runtime/telemetry.ts';
import { tf } from '../../../src/engine/tf.ts';
import { unit } from '../support/formula.ts';
import { twins } from '../support/twin.ts';

const executor = createExecutor('onnx', { threads: 1, provider: 'cpu' });
after(async () => (await executor).dispose());
const side = 64;
const classes = 3;

async function stateOf(backbone: Backbone, models: number, temperature: number): Promise<HostTree> {
  const state: HostTree = { temperature: { shape: [], dtype: 'float32', data: Float32Array.of(temperature) } };
  const pretrained = await twins.weights(backbone, undefined, null);
  for (let model = 0; model < models; model++) {
    const prefix = modelPrefix(model);
    const { features } = backbone;
    for (const [name, tensor] of Object.entries(pretrained)) state[`${prefix}backbone.${name}`] = tensor;
    state[`${prefix}head.weight`] = {
      shape: [features, classes],
      dtype: 'float32',
      data: unit(features * classes, model),
    };
    state[`${prefix}head.bias`] = { shape: [classes], dtype: 'float32', data: unit(classes, model + 10) };
    state[`${prefix}head.mean`] = { shape: [features], dtype: 'float32', data: unit(features, model + 20) };
  }
  return state;
}

async function runFile(model: OnnxModel, pixels: Uint8Array, images: number): Promise<Float32Array> {
  const ort = await loadRuntime();
  // As another program would open it: with nothing switched off that our own sessions switch off.
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
  const feeds = { images: new ort.Tensor('uint8', pixels, [images, side, side, 3]) };
  const { probabilities } = await session.run(feeds);
  await session.release();
  return probabilities?.data as Float32Array;
}

for (const [name, turns, models] of [
  ['efficientnet-lite0', 8, 2],
  ['efficientnet-b0', 1, 1],
  ['resnet18', 1, 1],
  ['resnet50', 1, 1],
  ['bit-resnet50x1', 1, 1],
  ['vit-small-patch16', 8, 1],
] as const) {
  test(`${name} alone in a file says what its program says, however many images come, and may be opened`, async () => {
    const backbone = twins.backbone(name);
    const context = { backbone, recordSide: side, size: 48, turns, models, classes };
    const state = await stateOf(backbone, models, 0.3);
    const model = await standalone((batch) => appliedProgram({ ...context, batch }), state);
    decodeModel(encodeModel(model));
    for (const images of [1, 3]) {
      const shape = [images, side, side, 3];
      const pixels = Uint8Array.from(unit(images * side * side * 3, 7), (value) => 128 + 127 * value);
      const program = await (await executor).compile(appliedProgram({ ...context, batch: images }));
      await program.load(state);
      const batch = { images: { shape, dtype: 'uint8' as const, data: pixels } };
      const { probabilities } = await program.run({ batch, hyper: {}, random: {} });
      await program.dispose();
      const expected = probabilities?.data as Float32Array;
      const found = await runFile(model, pixels, images);
      assert.ok(expected.every((value, i) => Math.abs(value - (found[i] as number)) < 2e-6));
    }
  });
}

test('a temperature divides the logits: probabilities p become p^(1/t), normalised', async () => {
  const backbone = twins.backbone('resnet18');
  const context = { backbone, recordSide: side, size: 48, turns: 1, models: 1, classes } as const;
  const pixels = Uint8Array.from(unit(side * side * 3, 9), (value) => 128 + 127 * value);
  const at = async (temperature: number): Promise<Float32Array> => {
    const state = await stateOf(backbone, 1, temperature);
    return runFile(await standalone((batch) => appliedProgram({ ...context, batch }), state), pixels, 1);
  };
  const [plain, hot] = [await at(1), await at(2)];
  const roots = plain.map((value) => Math.sqrt(value));
  const total = roots.reduce((a, b) => a + b);
  assert.ok(hot.every((value, i) => Math.abs(value - (roots[i] as number) / total) < 1e-6));
  assert.ok(Math.abs((hot[0] as number) - (plain[0] as number)) > 1e-3);
});

test('a program whose sizes depend on the number of images otherwise is refused, not written wrongly', async () => {
  const make = (images: number): Program => ({
    name: 'counts',
    signature: { state: {}, batch: { images: { shape: [images, 2], dtype: 'float32' } }, hyper: {}, random: {} },
    step: ({ batch }) => ({
      state: {},
      metrics: { y: tf.add(tf.ones([images, 2]), tf.slice(batch['images']!, [1, 0], [images - 1, 2]).sum()) },
    }),
  });
  await assert.rejects(standalone(make, {}), /depends on the number of images/);
});
