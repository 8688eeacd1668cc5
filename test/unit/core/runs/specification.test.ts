import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settingsOf } from '../../../../src/core/runs/settings.ts';
import { specify } from '../../../../src/core/runs/specification.ts';
import { learnedFrom } from '../../../../src/core/splits/learned-from.ts';
import { catalogue } from '../../../../src/engine/jobs/catalogue.ts';
import { sampleProject } from './sample-project.ts';

const all = Array.from({ length: 1000 }, (_, i) => 3 * i + 1);
const drawn = (images: readonly number[], seed = 1): number[] => learnedFrom(images, { most: 100, seed });

describe('which images an adaptation may learn from', () => {
  test('all of a small library, of a large one as many as asked for and a few to spare', () => {
    assert.deepEqual(drawn(all.slice(0, 105)), all.slice(0, 105));
    const some = drawn(all);
    assert.equal(some.length, 105);
    assert.equal(new Set(some).size, 105);
    assert.deepEqual(
      some,
      all.filter((id) => some.includes(id)),
      'images of the library, in its order',
    );
  });

  test('at random over the library, by the seed; images that come later move hardly any', () => {
    const some = drawn(all);
    const late = some.filter((id) => id > 1500).length;
    assert.ok(late > 30 && late < 75, `${late} of 105 in the second half`);
    assert.deepEqual(drawn(all), some);
    assert.ok(drawn(all, 2).filter((id) => some.includes(id)).length < 40);
    const more = drawn([...all, ...Array.from({ length: 100 }, (_, i) => 4000 + i)]);
    assert.ok(more.filter((id) => some.includes(id)).length > 80);
  });

  test('a run names no other image, so no other is decoded for it', async (t) => {
    const { project, remove } = await sampleProject({ images: 400 });
    t.after(remove);
    const list = await catalogue();
    const offered = { ...list, backbones: list.backbones.map((backbone) => ({ ...backbone, sha256: 'ab' })) };
    const settings = settingsOf({ project: '', maxImages: 40, leaveOut: ['Beta'] }, offered);
    const { manifest } = specify(project, { id: 'r', kind: 'adapt', createdAt: '2026-01-01T00:00:00Z' }, settings);
    const used = new Set([...manifest.adapt, ...manifest.training.map(({ image }) => image)]);
    assert.equal(manifest.adapt.length, 42);
    assert.deepEqual(manifest.images.map(({ id }) => id).sort(), [...used].sort());
  });
});
