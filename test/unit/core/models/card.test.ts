import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelMetadata } from '../../../../src/contract/model-file.ts';
import type { Manifest, RunSpec } from '../../../../src/contract/run-files.ts';
import { modelCard } from '../../../../src/core/models/card.ts';

const hostile = '<img src=x onerror=alert(1)> | [a](http://x) `b`\n# c \u202eevil &lt;';
const metadata: ModelMetadata = {
  format: 'acclimate-model',
  version: 1,
  acclimate: '0.1.0',
  createdAt: '2026-05-03T00:00:00Z',
  run: '20260503-1',
  arm: 'plain',
  classes: ['Beta', hostile],
  thresholds: [0, 0.8],
  recordSide: 128,
  size: 96,
  backbone: 'resnet18',
  regime: 'probe',
  testTimeAugmentation: false,
  models: 1,
  temperature: 1,
  graphSha256: '0'.repeat(64),
};
const spec = {
  seed: 1,
  size: 96,
  createdAt: '2026-05-03T00:00:00Z',
  backbone: { name: 'resnet18', weightsSha256: 'ab'.repeat(32) },
  method: { name: 'byol', settings: {} },
  adapt: { epochs: 4, batch: 32, seeds: 3, maxImages: 100 },
} as unknown as RunSpec;
const manifest = {
  training: [
    { image: 1, class: 1, group: 1 },
    { image: 2, class: 1, group: 2 },
    { image: 3, class: 0, group: 3 },
  ],
} as unknown as Manifest;
const facts = {
  metadata,
  spec,
  manifest,
  results: null,
  sha256: 'f'.repeat(64),
  tried: { images: 32, distance: 2e-7 },
};

test('names of classes and projects are text in the card, whatever they hold', () => {
  const card = modelCard({ ...facts, project: hostile, snippet: 'print("hello")' });
  assert.doesNotMatch(card, /<img|<[a-z]/i);
  assert.doesNotMatch(card, /\u202e/);
  const line = card.split('\n').find((each) => each.startsWith('| &lt;img'));
  assert.ok(line, 'the name stays in one line of the table');
  // Signs that are not escaped: the borders of five cells, and no link, code or heading.
  const bare = line.replaceAll(/\\./g, '');
  assert.equal(bare.split('|').length, 7);
  assert.doesNotMatch(bare, /[[\]`#*_]/);
  assert.match(line, /\| 2 \| 0 \| not measured \| 80\.0 % \|$/);
  assert.match(card, /How often it is right is not known/);
  assert.equal(card.match(/^# /gm)?.length, 1);
});
