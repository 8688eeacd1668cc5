import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { initialise } from '../../../../src/engine/backbones/initialise.ts';
import { backbone, backboneNames, twin } from '../../../../src/engine/backbones/registry.ts';
import { generator } from '../../../../src/engine/data/random.ts';
import { tf } from '../../../../src/engine/tf.ts';
import { toTensors, useEager } from '../../../engine/support/eager.ts';

before(useEager);

const shrink = { widthDivisor: 8, blocksPerStage: 1 };
/** Parameters as timm counts them, with a classifier of 1,000 classes, and width of the features. */
const published: Readonly<Record<string, readonly [number, number]>> = {
  'efficientnet-lite0': [4_652_008, 1280],
  'efficientnet-lite1': [5_416_680, 1280],
  'efficientnet-lite2': [6_092_072, 1280],
  'efficientnet-b0': [5_288_548, 1280],
  'efficientnet-b1': [7_794_184, 1280],
  'efficientnet-b2': [9_109_994, 1408],
  'efficientnet-b3': [12_233_232, 1536],
  'efficientnet-b4': [19_341_616, 1792],
  resnet18: [11_689_512, 512],
  resnet34: [21_797_672, 512],
  resnet50: [25_557_032, 2048],
  'bit-resnet50x1': [25_549_352, 2048],
  'bit-resnet101x1': [44_541_480, 2048],
  'vit-small-patch16': [22_050_664, 384],
};
const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

describe('backbones', () => {
  it('are the ones the design names', () => {
    assert.deepEqual(backboneNames, Object.keys(published));
  });

  for (const [name, [parameters, features]] of Object.entries(published)) {
    it(`${name} has the published number of parameters`, () => {
      const { params, features: width } = backbone(name);
      const learned = params.filter(({ role }) => role !== 'mean' && role !== 'variance');
      assert.equal(
        learned.reduce((sum, { shape }) => sum + size(shape), 0),
        parameters - 1000 * (features + 1),
      );
      assert.equal(width, features);
      assert.equal(new Set(params.map((spec) => spec.name)).size, params.length);
    });

    it(`${name} has a twin that runs at 32 px with either kind of statistics and leaks nothing`, () => {
      const small = twin(name, shrink);
      const params = toTensors(initialise(small, generator(3, 'twin')));
      const images = tf.randomUniform<tf.Rank.R4>([4, 32, 32, 3], -1, 1, 'float32', 5);
      const before = tf.memory().numTensors;
      for (const statistics of ['frozen', 'batch'] as const) {
        const { features: output, map, updates } = tf.tidy(() => small.forward(params, images, statistics));
        assert.deepEqual(output.shape, [4, small.features]);
        const values = output.dataSync();
        assert.ok(values.every(Number.isFinite));
        assert.ok(new Set(values).size > small.features, 'features differ between images');
        const moving = small.params.filter(({ role }) => role === 'mean' || role === 'variance');
        assert.equal(moving.length > 0, small.norm === 'batch', 'only batch normalisation has statistics');
        const expected = statistics === 'batch' ? moving.map((spec) => spec.name) : [];
        assert.deepEqual(Object.keys(updates).sort(), expected.sort());
        for (const [key, update] of Object.entries(updates)) assert.deepEqual(update.shape, params[key]?.shape);
        tf.dispose([output, map, updates]);
      }
      assert.equal(tf.memory().numTensors, before);
      tf.dispose([params, images]);
    });
  }

  it('starts the same from the same seed, and passes signals on at about their size', () => {
    const small = twin('resnet18', shrink);
    const tree = initialise(small, generator(1, 'start'));
    assert.deepEqual(initialise(small, generator(1, 'start')), tree);
    assert.notDeepEqual(initialise(small, generator(2, 'start')), tree);
    const { data, shape } = tree['layer1.0.conv2.weight']!;
    const variance = Array.from(data).reduce((sum, value) => sum + value * value, 0) / data.length;
    const fanOut = (shape[0] as number) * (shape[1] as number) * (shape[3] as number);
    assert.ok(Math.abs((variance * fanOut) / 2 - 1) < 0.2, 'variance 2 / fan-out');
  });

  it('starts a transformer at the small weights it is trained from', () => {
    const tree = initialise(twin('vit-small-patch16', shrink), generator(1, 'start'));
    const deviation = (name: string): number => {
      const { data } = tree[name]!;
      return Math.sqrt(Array.from(data).reduce((sum, value) => sum + value * value, 0) / data.length);
    };
    for (const name of ['blocks.0.attn.qkv.weight', 'blocks.0.mlp.fc2.weight', 'pos_embed']) {
      assert.ok(Math.abs(deviation(name) / 0.02 - 1) < 0.1, name);
    }
    // Uniform in ± 1/√768.
    assert.ok(Math.abs(deviation('patch_embed.proj.weight') / Math.sqrt(1 / 768 / 3) - 1) < 0.1);
  });

  it('refuses a name that is none, and names those there are', () => {
    for (const name of ['resnet19', 'constructor']) {
      assert.throws(() => backbone(name), { code: 'backbone.unknown', message: new RegExp(name) });
    }
  });
});
