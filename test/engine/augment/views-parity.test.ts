import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewPresets } from '../../../src/engine/augment/presets.ts';
import { drawViewRandom, viewRandomSpec } from '../../../src/engine/augment/random.ts';
import { recordSpec, recordsOf } from '../../../src/engine/augment/records.ts';
import { randomViews } from '../../../src/engine/augment/views.ts';
import { generator } from '../../../src/engine/data/random.ts';
import type { HostTensor, Program } from '../../../src/engine/nn/types.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';

const [batch, side, size] = [4, 32, 24];

for (const preset of viewPresets) {
  test(`views of ${preset.name} are the same lowered and eager`, async () => {
    const program: Program = {
      name: 'views',
      signature: {
        state: {},
        batch: recordSpec(batch, side),
        hyper: {},
        random: viewRandomSpec(preset, 2 * batch),
      },
      step({ batch: data, random }) {
        const { images, boxes } = recordsOf(data);
        return { state: {}, metrics: { views: randomViews(images, boxes, random, preset, size, 2) } };
      },
    };
    const inputs = {
      batch: {
        images: {
          shape: [batch, side, side, 3],
          dtype: 'uint8',
          data: Uint8Array.from(generator(1, 'x').uniform(batch * side * side * 3), (value) => 256 * value),
        },
        boxes: {
          shape: [batch, 4],
          dtype: 'float32',
          data: Float32Array.from({ length: 4 * batch }, (_, k) => [0, 0.125, 1, 0.875][k % 4] ?? 0),
        },
      },
      hyper: {},
      random: drawViewRandom(preset, 2 * batch, generator(2, 'views')),
    } as const;
    const seen = async (kind: 'onnx' | 'eager'): Promise<Float32Array> => {
      const executor = await createExecutor(kind);
      const compiled = await executor.compile(program);
      await compiled.load({});
      const { views } = await compiled.run(inputs);
      await executor.dispose();
      return (views as HostTensor).data as Float32Array;
    };
    const [lowered, eager] = [await seen('onnx'), await seen('eager')];
    assert.equal(lowered.length, 2 * batch * size * size * 3);
    const worst = lowered.reduce((most, value, i) => Math.max(most, Math.abs(value - (eager[i] as number))), 0);
    assert.ok(worst <= 1e-5, `${worst}`);
  });
}
