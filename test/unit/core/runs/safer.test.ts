import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saferOptions } from '../../../../src/core/runs/safer.ts';
import type { Catalogue } from '../../../../src/core/runs/settings.ts';
import { viewPresets } from '../../../../src/engine/augment/presets.ts';

const method = (name: string, settings: Record<string, number>): Catalogue['methods'][number] => ({
  name,
  summary: '',
  settings,
  declared: {},
  batch: 64,
  epochs: 4,
});
const catalogue: Catalogue = {
  backbones: [
    {
      name: 'efficientnet-lite0',
      family: '',
      features: 1280,
      norm: 'batch',
      side: 224,
      sideStep: 1,
      weights: 'a',
      sha256: 'f00',
      licence: 'Apache-2.0',
    },
  ],
  methods: [method('vicreg', { learningRate: 0.0005 }), method('simclr', { learningRate: 0.001, temperature: 0.5 })],
  regimes: [],
  views: viewPresets.map(({ name, summary }) => ({ name, summary })),
};
const project = 'any';

test('a safer run learns half as fast and changes the images more, and is the same otherwise', () => {
  assert.deepEqual(saferOptions({ project, size: 64, leaveOut: ['x'] }, catalogue), {
    project,
    size: 64,
    leaveOut: ['x'],
    views: 'stain',
    methodSettings: { learningRate: 0.00025 },
  });
  assert.deepEqual(saferOptions({ project, method: 'simclr', methodSettings: { temperature: 0.1 } }, catalogue), {
    project,
    method: 'simclr',
    views: 'stain',
    methodSettings: { temperature: 0.1, learningRate: 0.0005 },
  });
});

test('it goes further when that was not enough, and never changes the images less', () => {
  const twice = saferOptions(saferOptions({ project }, catalogue), catalogue);
  assert.deepEqual(twice, { project, views: 'natural', methodSettings: { learningRate: 0.000125 } });
  assert.equal(saferOptions(twice, catalogue).views, 'natural');
});
