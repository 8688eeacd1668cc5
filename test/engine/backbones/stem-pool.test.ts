import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conv2d, zeroPaddedMaxPool } from '../../../src/engine/nn/layers.ts';
import type { HostTree, Program, TreeSpec } from '../../../src/engine/nn/types.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import type { tf } from '../../../src/engine/tf.ts';
import { relativeError } from '../support/eager.ts';
import { unit } from '../support/formula.ts';

const filled = (shape: number[], seed: number, mean: number) => ({
  shape,
  dtype: 'float32' as const,
  data: unit(
    shape.reduce((a, b) => a * b),
    seed,
    (u) => mean + u,
  ),
});

describe('the zero-padded max-pool of BiT', () => {
  it('keeps its zeros behind a convolution with negative output, when lowered', async () => {
    const batch: HostTree = { x: filled([2, 16, 16, 3], 1, 1), w: filled([3, 3, 3, 16], 2, -0.5) };
    const specs = Object.fromEntries(
      Object.entries(batch).map(([name, { shape }]) => [name, { shape, dtype: 'float32' }]),
    );
    const program: Program = {
      name: 'convolution, pad, pool',
      signature: { state: {}, batch: specs as TreeSpec, hyper: {}, random: {} },
      step: ({ batch: { x, w } }) => {
        const y = zeroPaddedMaxPool(conv2d(x as tf.Tensor4D, w as tf.Tensor4D, { stride: 2, padding: 1 }));
        return { state: {}, metrics: { y } };
      },
    };
    const results: Float32Array[] = [];
    for (const choice of ['eager', 'onnx'] as const) {
      const executor = await createExecutor(choice);
      const { y } = await (await executor.compile(program)).run({ batch, hyper: {}, random: {} });
      results.push(y?.data as Float32Array);
      await executor.dispose();
    }
    const [eager, lowered] = results as [Float32Array, Float32Array];
    assert.ok(eager.some((value) => value === 0) && eager.some((value) => value < 0), 'the case is worth its while');
    assert.ok(relativeError(lowered, eager) < 1e-6);
  });
});
