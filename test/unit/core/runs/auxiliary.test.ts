import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsOf } from '../../../../src/core/runs/settings.ts';
import { catalogue } from '../../../../src/engine/jobs/catalogue.ts';

test('a loss beside the supervised one is off unless it is named, and counts as much unless it is weighed', async () => {
  const offered = await catalogue();
  const backbones = offered.backbones.map((one) => ({ ...one, sha256: 'f00' }));
  const settings = (options: object) => settingsOf({ project: 'any', ...options }, { ...offered, backbones }).auxiliary;
  assert.equal(settings({}), undefined);
  for (const { name } of offered.methods) assert.deepEqual(settings({ auxiliary: name }), { method: name, weight: 1 });
  assert.deepEqual(settings({ auxiliary: 'jigsaw', auxiliaryWeight: 0.1 }), { method: 'jigsaw', weight: 0.1 });
  assert.throws(() => settings({ auxiliary: 'none' }), { code: 'method.unknown' });
});
