import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallerThan } from '../../../../src/core/runs/memory.ts';
import { settingsOf, type Settings } from '../../../../src/core/runs/settings.ts';
import { catalogue } from '../../../../src/engine/jobs/catalogue.ts';

const settings = settingsOf({ project: 'p', batch: 256, size: 224 }, await catalogue());
/** A computer that has memory for so many images at a time. */
const withRoomFor =
  (images: number) =>
  ({ adapt }: Settings) =>
    Promise.resolve({ memoryBytes: adapt.batch > images ? Infinity : 1, stateBytes: 1, backboneBytes: 1 });

test('where memory does not suffice, first no more than usual is taken, then half as often as it needs', async () => {
  assert.deepEqual(await smallerThan(settings, 64, withRoomFor(100)), { batch: 64, size: 96 });
  assert.deepEqual(await smallerThan(settings, 64, withRoomFor(20)), { batch: 16, size: 96 });
  assert.deepEqual(await smallerThan(settings, 64, withRoomFor(0)), { batch: 8, size: 96 }, 'and at least 8');
});

test('fewer images or a smaller side than usual stay', async () => {
  const small = { ...settings, size: 64, adapt: { ...settings.adapt, batch: 24 } };
  assert.deepEqual(await smallerThan(small, 64, withRoomFor(100)), { batch: 24, size: 64 });
});
