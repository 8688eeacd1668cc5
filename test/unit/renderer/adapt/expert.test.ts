import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Catalogue } from '../../../../src/contract/catalogue.ts';
import { runOptionsSchema, type Plan } from '../../../../src/contract/runs.ts';
import { viewPresets } from '../../../../src/engine/augment/presets.ts';
import {
  differences,
  fieldsOf,
  readExpert,
  valueOf,
  withValue,
  type Expert,
  type Field,
} from '../../../../src/renderer/features/adapt/expert.ts';

const method = (name: string, settings: Record<string, number | string | boolean>): Catalogue['methods'][number] => ({
  name,
  summary: `How ${name} learns.`,
  settings,
  declared: {
    learningRate: { gloss: 'Top rate.', range: [0, 0.01] },
    optimizer: { gloss: 'Optimizer.', choices: ['adamw', 'sgd'] },
    statistics: { gloss: 'Statistics.', choices: ['frozen', 'batch'] },
    warmUpEpochs: { gloss: 'Warm-up.', range: [0, 100], unit: 'passes' },
    smallCrops: { gloss: 'Small crops.', range: [0, 12], whole: true },
  },
  batch: name === 'byol' ? 64 : 128,
  epochs: 5,
});
const listed = { norm: 'batch', side: 224, sideStep: 1, weights: 'a', sha256: 'f00', licence: 'Apache-2.0' } as const;
const catalogue: Catalogue = {
  backbones: [
    { ...listed, name: 'lite0', family: 'lite', features: 1280 },
    { ...listed, name: 'resnet50', family: 'resnet', features: 2048, weights: null, sha256: null, licence: null },
    { ...listed, name: 'vit', family: 'vit', features: 384, norm: 'layer', side: 256, sideStep: 16 },
  ],
  methods: [
    method('byol', {
      learningRate: 0.0005,
      optimizer: 'adamw',
      warmUpEpochs: 1,
      symmetric: true,
      statistics: 'frozen',
    }),
    method('simclr', { learningRate: 0.001, temperature: 0.5, teacherRun: '' }),
    method('swav', { smallCrops: 4 }),
  ],
  regimes: [{ name: 'probe', summary: 'Head only.' }],
  views: viewPresets.map(({ name, summary }) => ({ name, summary })),
};
const standard: Plan = {
  images: 1200,
  adaptationImages: 960,
  trainingLabels: 40,
  checkImages: 100,
  checkGroups: 0,
  classes: ['A', 'B'],
  backbone: 'lite0',
  method: 'byol',
  regimes: ['probe', 'full'],
  size: 96,
  epochs: 5,
  seeds: 3,
  draws: 5,
  shots: null,
  fraction: null,
  labelsPerClass: [5, 40],
  columns: [],
  keptColumns: ['age', 'stain'],
  provider: 'cpu',
  stages: [],
  diskBytes: 0,
  memoryBytes: 0,
  freeBytes: 0,
  freeMemoryBytes: 0,
  smaller: null,
  advice: [],
};
const field = (key: string, chosen: Expert = {}): Field => {
  const found = fieldsOf(catalogue, standard, chosen).find((each) => each.key === key);
  assert.ok(found, `no field ${key}`);
  return found;
};

describe('the fields', () => {
  test('every one stands at a value that the engine offers', () => {
    for (const { key, kind, standard: value, choices, range } of fieldsOf(catalogue, standard, {})) {
      if (kind === 'choice' && !key.startsWith('methodSettings.')) {
        assert.ok(
          choices?.some((choice) => choice.value === value),
          key,
        );
      }
      if (range) assert.ok(Number(value) >= range[0] && Number(value) <= range[1], key);
    }
  });
  test('a range is what a run takes, at both ends and no further', () => {
    for (const { key, range } of fieldsOf(catalogue, standard, {}).filter((each) => !each.key.includes('.'))) {
      if (!range) continue;
      const takes = (value: number): boolean => runOptionsSchema.safeParse({ project: '', [key]: value }).success;
      assert.deepEqual([takes(range[0]), takes(range[1]), takes(range[0] - 1)], [true, true, false], key);
    }
  });
  test('a backbone without weights is listed and cannot be chosen', () => {
    const { choices = [] } = field('backbone');
    assert.deepEqual(
      choices.map(({ value, refused }) => [value, refused]),
      [
        ['lite0', undefined],
        ['resnet50', 'weights'],
        ['vit', undefined],
      ],
    );
    assert.deepEqual(
      choices.map(({ summary }) => summary),
      ['Apache-2.0', '', 'Apache-2.0'],
    );
    assert.deepEqual(
      choices.map(({ model }) => model),
      [
        { family: 'lite', side: 224 },
        { family: 'resnet', side: 224 },
        { family: 'vit', side: 256 },
      ],
    );
  });
  test('statistics of batches cannot be chosen for a backbone without batch normalisation', () => {
    for (const key of ['methodSettings.statistics', 'tuneStatistics']) {
      const refused = (chosen: Expert): unknown[] =>
        field(key, chosen).choices?.map((choice) => [choice.value, choice.refused]) ?? [];
      assert.deepEqual(
        refused({}),
        [
          ['frozen', undefined],
          ['batch', undefined],
        ],
        key,
      );
      assert.deepEqual(
        refused({ backbone: 'vit' }),
        [
          ['frozen', undefined],
          ['batch', 'statistics'],
        ],
        key,
      );
    }
  });
  test('columns that were kept can join the features', () => {
    const columns = field('columns');
    assert.deepEqual([columns.kind, columns.choices?.map(({ value }) => value)], ['several', ['age', 'stain']]);
    const chosen = withValue({}, columns, ['stain']);
    assert.deepEqual([chosen, readExpert(JSON.stringify(chosen))], [{ columns: ['stain'] }, { columns: ['stain'] }]);
    assert.deepEqual(withValue(chosen, columns, []), {});
    const without = fieldsOf(catalogue, { ...standard, keptColumns: [] }, {});
    assert.ok(!without.some(({ key }) => key === 'columns'));
  });
  test('those of the method are those of the method that is chosen', () => {
    const own = (chosen: Expert): string[] =>
      fieldsOf(catalogue, standard, chosen).flatMap(({ key }) =>
        key.startsWith('methodSettings.') ? [key.slice('methodSettings.'.length)] : [],
      );
    assert.deepEqual(own({}), ['learningRate', 'optimizer', 'warmUpEpochs', 'symmetric', 'statistics']);
    assert.deepEqual(own({ method: 'simclr' }), ['learningRate', 'temperature', 'teacherRun']);
    assert.equal(field('batch').standard, 64);
    assert.equal(field('batch', { method: 'simclr' }).standard, 128);
    assert.equal(field('methodSettings.warmUpEpochs').whole, undefined);
    assert.equal(field('methodSettings.smallCrops', { method: 'swav' }).whole, true);
    const { kind, unit } = field('methodSettings.warmUpEpochs');
    assert.deepEqual([kind, unit], ['number', 'passes']);
    assert.equal(field('methodSettings.symmetric').kind, 'switch');
    assert.equal(field('methodSettings.teacherRun', { method: 'simclr' }).choices, undefined, 'a text is written');
    assert.deepEqual(
      field('methodSettings.optimizer').choices?.map(({ value }) => value),
      ['adamw', 'sgd'],
    );
  });
});

describe('a setting', () => {
  test('that is set differs, and is taken back by its standard', () => {
    const changed = withValue({}, field('epochs'), 12);
    assert.deepEqual([valueOf(changed, 'epochs'), differences(changed)], [12, 1]);
    assert.deepEqual(withValue(changed, field('epochs'), 5), {});
    assert.deepEqual(withValue(changed, field('epochs'), undefined), {});
  });
  test('of the method is kept among its own', () => {
    const key = 'methodSettings.learningRate';
    const changed = withValue({ size: 128 }, field(key), 0.001);
    assert.deepEqual(changed, { size: 128, methodSettings: { learningRate: 0.001 } });
    assert.deepEqual([valueOf(changed, key), differences(changed)], [0.001, 2]);
    assert.deepEqual(withValue(changed, field(key), 0.0005), { size: 128 });
  });
  test('of one method does not stay with another', () => {
    const before: Expert = { epochs: 12, methodSettings: { learningRate: 0.001 } };
    assert.deepEqual(withValue(before, field('method'), 'simclr'), { epochs: 12, method: 'simclr' });
  });
  test('changes nothing of what was there before', () => {
    const before: Expert = Object.freeze({ methodSettings: Object.freeze({ learningRate: 0.001 }) });
    withValue(before, field('methodSettings.learningRate'), undefined);
    assert.equal(differences(before), 1);
  });
});

describe('pasted settings', () => {
  test('are taken as they were copied', () => {
    const expert: Expert = { method: 'simclr', epochs: 3, methodSettings: { temperature: 0.2 } };
    assert.deepEqual(readExpert(JSON.stringify(expert, null, 2)), expert);
  });
  test('that are none are refused as a whole', () => {
    for (const text of [
      '',
      'epochs: 3',
      '[]',
      '{"epochs": 5000}',
      '{"epochs": 3, "project": "other"}',
      '{"deep": 1}',
    ]) {
      assert.equal(readExpert(text), null, text);
    }
  });
});
