import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { featureFile, featureWidth } from '../../../../src/core/features/store.ts';
import { setLabels } from '../../../../src/core/labels/labels.ts';
import { sight } from '../../../../src/core/labels/visibility.ts';
import { nearestLabelled } from '../../../../src/core/queues/near-labelled.ts';
import { library } from '../views/tools.ts';

test('beside an image in doubt lie the labelled training images that look most like it', async (t) => {
  const project = await library(t);
  const { db } = project;
  const ids = db.prepare<[], number>(`SELECT id FROM image WHERE role = 'main' AND state = 'ok'`).pluck().all();
  const [doubtful, near, nearer, far, held, unlabelled] = ids as [number, number, number, number, number, number];
  // On a circle, as far from the first as their angle says.
  const angles = new Map(
    [doubtful, near, nearer, far, held, unlabelled].map((id, at) => [id, [0, 0.3, 0.2, 1.2, 0.1, 0][at]!]),
  );
  const records = [...angles].map(([id, angle]) => {
    const bytes = Buffer.alloc(4 + 4 * featureWidth);
    bytes.writeInt32LE(id, 0);
    bytes.writeFloatLE(Math.cos(angle), 4);
    bytes.writeFloatLE(Math.sin(angle), 8);
    return bytes;
  });
  mkdirSync(dirname(featureFile(project)), { recursive: true });
  writeFileSync(featureFile(project), Buffer.concat(records));
  db.prepare(`UPDATE image SET side = CASE id WHEN ? THEN 'check' ELSE 'training' END`).run(held);
  setLabels(db, 'ana', [near, nearer, held], { class: 'a' });
  setLabels(db, 'ana', [far], { class: 'b' });
  const idOf = (name: string): unknown => db.prepare(`SELECT id FROM class WHERE name = ?`).pluck().get(name);
  const beside = async (rater: string, image: number): Promise<unknown[]> =>
    (await nearestLabelled(project, sight(db, rater), image, 3)).map(({ image: id, class: of }) => [id, of]);
  const [a, b] = [idOf('a'), idOf('b')];
  assert.deepEqual(
    await beside('ana', doubtful),
    [
      [nearer, a],
      [near, a],
      [far, b],
    ],
    'a check image is not shown, nor one without a label',
  );
  assert.deepEqual(await beside('ana', near), [
    [nearer, a],
    [far, b],
  ]);
  assert.deepEqual(await beside('ben', held), [], 'a check image he has not labelled yet needs his own word');
  assert.equal((await beside('ana', held)).length, 3);
  db.prepare(`INSERT INTO blind_session (rater, other, started_at) VALUES ('ben', 'ana', '2026')`).run();
  assert.deepEqual(await beside('ben', doubtful), []);
});
