import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { viewPreset } from '../../../../src/engine/augment/presets.ts';
import { method, methods, settingsOf } from '../../../../src/engine/methods/registry.ts';

test('defaults are the recipe that was measured', () => {
  const settings = settingsOf(method('byol'), {});
  assert.equal(settings['statistics'], 'frozen');
  assert.equal(settings['headNorm'], 'batch');
  assert.equal(settings['learningRate'], 5e-4);
  assert.equal(settings['headRate'], 1e-3);
  assert.equal(settings['weightDecay'], 1e-4);
  assert.equal(settings['tau'], 0.99);
  assert.equal(settings['warmUpEpochs'], 1);
  assert.equal(settingsOf(method('simclr'), {})['headNorm'], 'layer');
});

test('defaults of every method fit their own ranges and choices', () => {
  for (const one of methods) assert.deepEqual(settingsOf(one, settingsOf(one, {})), settingsOf(one, {}));
});

test('a chosen value goes over the default; unknown names and unfit values are refused', () => {
  const byol = method('byol');
  assert.equal(settingsOf(byol, { tau: 0.996 })['tau'], 0.996);
  for (const wrong of [{ tua: 0.9 }, { tau: 2 }, { tau: '0.9' }, { tau: Number.NaN }, { headNorm: 'group' }]) {
    assert.throws(() => settingsOf(byol, wrong), { code: 'method.setting' });
  }
  assert.throws(() => settingsOf(method('swav'), { smallCrops: 2.5 }), { code: 'method.setting' });
  assert.throws(() => method('constructor'), { code: 'method.unknown' });
  assert.throws(() => viewPreset('sideways'), { code: 'views.unknown' });
});

test('every setting has a title in the expert settings, in every language', () => {
  for (const language of ['en', 'de']) {
    const path = new URL(`../../../../src/locales/${language}/adapt.json`, import.meta.url);
    const { expert } = JSON.parse(readFileSync(path, 'utf8')) as { expert: { field: Record<string, string> } };
    for (const { name, settings } of methods)
      for (const setting of Object.keys(settings))
        assert.ok(expert.field[setting], `${language}: ${setting} of ${name}`);
  }
});
