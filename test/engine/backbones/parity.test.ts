import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { twin } from '../../../src/engine/backbones/registry.ts';
import type { Backbone, BatchStatistics } from '../../../src/engine/backbones/types.ts';
import { select } from '../../../src/engine/nn/tree.ts';
import type { Executor, Program, Tree } from '../../../src/engine/nn/types.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { tf } from '../../../src/engine/tf.ts';
import { formulaImages, formulaTree, unit } from '../support/formula.ts';
import { isCancelled } from '../support/cancelled.ts';
import { compareProgram } from '../support/parity.ts';

const shape = [4, 32, 32, 3];
/** One of each family, and the bottleneck form of ResNet. */
const pairs: readonly (readonly [string, BatchStatistics])[] = [
  ['efficientnet-lite0', 'frozen'],
  ['efficientnet-lite0', 'batch'],
  ['efficientnet-b0', 'frozen'],
  ['efficientnet-b0', 'batch'],
  ['resnet18', 'frozen'],
  ['resnet18', 'batch'],
  ['resnet50', 'frozen'],
  ['bit-resnet50x1', 'frozen'],
  ['vit-small-patch16', 'frozen'],
];

/** A loss over the features, its gradient by every learned parameter, and the new running statistics. */
function gradientProgram(backbone: Backbone, statistics: BatchStatistics): Program {
  const specs = Object.fromEntries(
    backbone.params.map((spec) => [spec.name, { shape: spec.shape, dtype: 'float32' as const }]),
  );
  const cancelled = isCancelled(backbone, statistics);
  const fixed = new Set(
    backbone.params.filter(({ role }) => role === 'mean' || role === 'variance').map(({ name }) => name),
  );
  return {
    name: `gradients of ${backbone.name}, ${statistics} statistics`,
    signature: {
      state: specs,
      batch: { images: { shape, dtype: 'float32' }, direction: { shape: [4, backbone.features], dtype: 'float32' } },
      hyper: {},
      random: {},
    },
    step({ state, batch }) {
      const learned = select(state, (name) => !fixed.has(name) && !cancelled(name));
      const names = Object.keys(learned);
      const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
        const params: Tree = {
          ...state,
          ...Object.fromEntries(names.map((name, i) => [name, values[i] as tf.Tensor])),
        };
        const { features } = backbone.forward(params, batch['images'] as tf.Tensor4D, statistics);
        return tf.sum(tf.mul(features, batch['direction'] as tf.Tensor));
      };
      const { value, grads } = tf.valueAndGrads(lossOf)(Object.values(learned));
      const { updates } = backbone.forward(state, batch['images'] as tf.Tensor4D, statistics);
      const gradients = Object.fromEntries(names.map((name, i) => [`gradient.${name}`, grads[i] as tf.Tensor]));
      return { state: updates, metrics: { loss: value, ...gradients } };
    },
  };
}

describe('small twins: lowered against eager', () => {
  let executor: Executor;
  before(async () => {
    executor = await createExecutor('onnx', { threads: 2 });
  });
  after(() => executor.dispose());

  for (const [name, statistics] of pairs) {
    it(`${name}, ${statistics} statistics: loss, every gradient, new statistics`, async () => {
      const backbone = twin(name, { widthDivisor: 8, blocksPerStage: 1 });
      const float = (sides: number[], data: Float32Array) => ({ shape: sides, dtype: 'float32' as const, data });
      const batch = {
        images: float(
          shape,
          formulaImages(4, 32, 3, (value) => 2 * value - 1),
        ),
        direction: float(
          [4, backbone.features],
          unit(4 * backbone.features, 4, (u) => 1 + 0.5 * u),
        ),
      };
      const tensorsBefore = tf.memory().numTensors;
      const inputs = [{ batch, hyper: {}, random: {} }];
      const { steps, perturbed } = await compareProgram(
        gradientProgram(backbone, statistics),
        formulaTree(backbone),
        inputs,
        executor,
      );
      const [first] = steps;
      const [own] = perturbed;
      assert.ok(first && own);
      const shown = JSON.stringify({ first, own });
      assert.ok(first.loss <= 1e-5, `loss: ${shown}`);
      // Statistics of four samples (one pixel each in the last stages) magnify rounding, eager's own as well.
      assert.ok(first.metrics <= Math.max(1e-4, 5 * own.metrics), `gradients: ${shown}`);
      assert.ok(first.change <= 1e-4, `statistics: ${shown}`);
      assert.equal(tf.memory().numTensors, tensorsBefore);
    });
  }
});
