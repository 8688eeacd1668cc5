import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerOf } from '../../../src/engine/backbones/layers.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { finetunePair, twinOf } from '../methods/pairs.ts';

test('with layer-wise decay each layer moves by the share of the layer behind it, the head by all of its rate', async () => {
  const net = twinOf('efficientnet-lite0');
  const executor = await createExecutor('onnx');
  /** The largest move of any number of a layer in the first step: with AdamW that is the rate. */
  const moves = async (layerDecay: number) => {
    const { program, state, inputs } = finetunePair(net.name, 'all', { layerDecay, steps: 1 });
    const compiled = await executor.compile(program);
    await compiled.load(state);
    await compiled.run(inputs[0]!);
    const after = await compiled.read();
    await compiled.dispose();
    const found = net.layers.map(() => 0);
    let head = 0;
    for (const [name, { data }] of Object.entries(state)) {
      const moved = (after[name]!.data as Float32Array).reduce(
        (most, v, i) => Math.max(most, Math.abs(v - data[i]!)),
        0,
      );
      if (name.startsWith('head.')) head = Math.max(head, moved);
      if (!name.startsWith('backbone.')) continue;
      const layer = layerOf(net, name.slice('backbone.'.length));
      found[layer] = Math.max(found[layer]!, moved);
    }
    return { layers: found, head };
  };
  const alike = await moves(1);
  const decayed = await moves(0.7);
  const last = net.layers.length - 1;
  alike.layers.forEach((all, layer) => {
    const share = decayed.layers[layer]! / all / 0.7 ** (last - layer);
    assert.ok(Math.abs(share - 1) < 0.02, `layer ${layer}: ${share}`);
  });
  assert.ok(Math.abs(decayed.head / alike.head - 1) < 1e-3);
  await executor.dispose();
});
