import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backbone, twin } from '../../../../src/engine/backbones/registry.ts';
import { viewPreset } from '../../../../src/engine/augment/presets.ts';
import { lower } from '../../../../src/engine/compile/lower/lower.ts';
import { fuseConvolutions } from '../../../../src/engine/compile/rewrite/fuse-convolution.ts';
import { trace } from '../../../../src/engine/compile/trace.ts';
import { embedProgram, viewFeaturesProgram } from '../../../../src/engine/regimes/programs/embed.ts';

const shape = { batch: 2, recordSide: 64, size: 64 };

for (const name of ['efficientnet-lite0', 'resnet18']) {
  const small = twin(backbone(name).name, { widthDivisor: 8, blocksPerStage: 1 });
  const traced = trace(embedProgram({ backbone: small, ...shape, turns: 1 }));

  test(`${name}: nothing that follows from the weights is computed again for every batch`, () => {
    const views = trace(viewFeaturesProgram({ backbone: small, ...shape, views: viewPreset('stain') }));
    for (const graph of [traced, views])
      for (const options of [{ block: 8 }, {}]) {
        const { inputs, prologue } = lower(graph, options);
        assert.deepEqual(
          inputs.filter((port) => port.name.startsWith('state.')),
          [],
        );
        assert.equal(prologue?.inputs.length, small.params.length);
      }
  });

  test(`${name}: statistics are in the filters, so nothing but convolutions and pools goes over what they make`, () => {
    const nodes = fuseConvolutions(traced).nodes;
    const first = nodes.findIndex(({ kernel }) => kernel === 'Conv2D');
    const overImages = nodes
      .slice(first)
      .filter(({ outputs }) => outputs[0]?.shape.length === 4 && outputs[0].shape[0] === shape.batch);
    const kernels = new Set(overImages.map(({ kernel }) => kernel));
    for (const kernel of ['Conv2D', 'DepthwiseConv2dNative', 'MaxPool', 'PadV2']) kernels.delete(kernel);
    assert.ok(overImages.length >= 10);
    assert.deepEqual([...kernels], []);
  });
}
