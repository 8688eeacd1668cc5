import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RunOptions } from '../../../../src/contract/runs.ts';
import { settingsOf } from '../../../../src/core/runs/settings.ts';
import { catalogue } from '../../../../src/engine/jobs/catalogue.ts';

/** What the engine offers, as if weights of all backbones were there. */
async function offered() {
  const list = await catalogue();
  return { ...list, backbones: list.backbones.map((backbone) => ({ ...backbone, sha256: 'ab' })) };
}
const settings = async (options: Omit<RunOptions, 'project'>) =>
  settingsOf({ project: '', ...options }, await offered());
const refused = (options: Omit<RunOptions, 'project'>, code: string, words: RegExp) =>
  assert.rejects(settings(options), { code, message: words });

describe('what a backbone cannot do is refused before a run begins', () => {
  const transformer = 'vit-small-patch16';

  test('sides that its patches do not divide', async () => {
    await refused({ backbone: transformer, size: 100 }, 'backbone.size', /100.*16/);
    for (const size of [96, 224]) assert.equal((await settings({ backbone: transformer, size })).size, size);
    assert.equal((await settings({ backbone: 'efficientnet-b0', size: 100 })).size, 100);
  });

  test('statistics of batches where nothing keeps them, while adapting and while training', async () => {
    for (const backbone of [transformer, 'bit-resnet50x1']) {
      const code = 'backbone.statistics';
      await refused({ backbone, methodSettings: { statistics: 'batch' } }, code, /no batch normalisation/);
      await refused({ backbone, tuneStatistics: 'batch' }, code, /no batch normalisation/);
      assert.equal((await settings({ backbone })).tuneStatistics, 'frozen');
    }
    const chosen = await settings({ backbone: 'efficientnet-b0', tuneStatistics: 'batch' });
    assert.equal(chosen.tuneStatistics, 'batch');
  });
});

test('few images are looked at more often, by the same measure in every depth; passes that are asked for stay', async () => {
  const list = await offered();
  const passes = (images: number, options: Omit<RunOptions, 'project'> = {}): number =>
    settingsOf({ project: '', ...options }, list, images).adapt.epochs;
  const several = [1_000_000, 7_500, 2_500, 500, 0];
  const by = (options: Omit<RunOptions, 'project'>) => several.map((images) => passes(images, options));
  assert.deepEqual(by({}), [4, 4, 12, 20, 20]);
  assert.deepEqual(by({ depth: 'quick' }), [3, 3, 3, 15, 20]);
  assert.deepEqual(by({ depth: 'thorough' }), [12, 12, 20, 20, 20]);
  assert.equal(passes(1_000_000, { maxImages: 2_500 }), 12);
  assert.equal(passes(500, { epochs: 3 }), 3);
  // A method's own number is the measure.
  assert.equal(passes(3_750, { method: 'bownet' }), 2 * passes(7_500, { method: 'bownet' }));
});
