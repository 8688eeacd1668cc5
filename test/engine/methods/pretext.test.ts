import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from '../../../src/engine/data/random.ts';
import { viewPreset } from '../../../src/engine/augment/presets.ts';
import { distantPermutations } from '../../../src/engine/methods/pretext/permutations.ts';
import { method, settingsOf } from '../../../src/engine/methods/registry.ts';
import type { Objective, Settings } from '../../../src/engine/methods/types.ts';
import type { HostTree } from '../../../src/engine/nn/types.ts';
import { compareProgram, type StepDistance } from '../support/parity.ts';
import { adaptPair, twinOf, type Pair } from './pairs.ts';

const lite = 'efficientnet-lite0';
const small = { batch: 2, steps: 1 };
// Two by two places, so that words have places to be told apart.
const places = { ...small, size: 48, recordSide: 48 };
const pairs: Readonly<Record<string, () => Pair>> = {
  rotation: () => adaptPair(lite, 'rotation', {}, small),
  // Eighteen tiles: neither fewer channels than a block nor whole blocks, where images become channels.
  jigsaw: () => adaptPair(lite, 'jigsaw', { orders: 8 }, small),
  'relative patch': () => adaptPair(lite, 'relative-patch', {}, small),
  colorization: () => adaptPair(lite, 'colorization', {}, small),
  autoencoder: () => adaptPair(lite, 'autoencoder', {}, small),
  OBoW: () => adaptPair(lite, 'obow', {}, places),
  'OBoW, heads only': () => adaptPair(lite, 'obow', {}, { ...places, steps: 3, held: true }),
  distillation: () => adaptPair(lite, 'distill', { teacher: 'resnet18' }, small),
  'BoWNet, a round': () => adaptPair(lite, 'bownet', {}, places),
};

for (const [name, pair] of Object.entries(pairs)) {
  test(`${name}: the lowered steps are the eager ones`, async (t) => {
    const { program, state, inputs } = pair();
    const { steps, perturbed } = await compareProgram(program, state, inputs);
    const [first, last] = [steps[0], steps.at(-1)] as [StepDistance, StepDistance];
    const own = perturbed.at(-1) as StepDistance;
    t.diagnostic(`loss ${first.loss}, gradients ${first.gradients}, state ${last.state}; eager's own ${own.state}`);
    assert.ok(first.loss <= 1e-5, `loss of step 1 differs by ${first.loss}`);
    assert.ok(first.gradients <= 1e-4, `gradients of step 1 differ by ${first.gradients}`);
    assert.ok(last.metrics <= Math.max(1e-4, 5 * own.metrics), `metrics: ${last.metrics} against ${own.metrics}`);
    assert.ok(last.state <= Math.max(1e-4, 5 * own.state), `state: ${last.state} against ${own.state}`);
  });
}

const objectiveOf = (name: string, chosen: Settings): Objective => {
  const found = method(name);
  const settings = settingsOf(found, chosen);
  const context = { backbone: twinOf(lite), settings, batch: 16, recordSide: 32, size: 32 };
  return found.objective({ ...context, views: viewPreset('any-orientation') });
};
/** Cells of the tiles of an image, in the order the network sees them. */
const cellsOf = (drawn: HostTree, image: number): number[] =>
  [...(drawn['tiles.cell']?.data ?? [])].filter((_, at) => at % 16 === image);

test('jigsaw: tiles lie in the order that is asked for, another one from image to image', () => {
  const drawn = objectiveOf('jigsaw', { orders: 30 }).draw(generator(1, 'views'));
  const orders = distantPermutations(30, 9);
  const asked = [...(drawn['order']?.data ?? [])];
  asked.forEach((order, image) => assert.deepEqual(cellsOf(drawn, image), [...(orders[order] as Int32Array)]));
  assert.ok(new Set(asked).size > 8, asked.join());
});

test('relative patch: the second tile lies at the place that is asked for, never in the middle', () => {
  const objective = objectiveOf('relative-patch', {});
  const asked = new Map<number, number>();
  for (let step = 0; step < 5; step++) {
    const drawn = objective.draw(generator(1, 'views', step));
    [...(drawn['place']?.data ?? [])].forEach((place, image) => {
      const [middle, other] = cellsOf(drawn, image) as [number, number];
      assert.equal(middle, 4);
      assert.equal(asked.get(place) ?? other, other, 'a place is one cell');
      asked.set(place, other);
    });
  }
  assert.deepEqual([...asked.values()].sort(), [0, 1, 2, 3, 5, 6, 7, 8]);
});

test('rotation: nothing but the four turns turns a picture', () => {
  const inputs = Object.keys(objectiveOf('rotation', {}).random);
  assert.ok(!inputs.some((name) => /quarterTurn|flipVertical/.test(name)), inputs.join());
});

test('colorization: the colours that are to be told are those of the image', () => {
  const objective = objectiveOf('colorization', {});
  const inputs = Object.keys(objective.random);
  assert.ok(!inputs.some((name) => /brightness|contrast|saturation/.test(name)), inputs.join());
});
