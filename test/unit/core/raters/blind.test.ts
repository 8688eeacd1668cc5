import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ownSeat } from '../../../../src/contract/seat.ts';
import { viewInputSchema } from '../../../../src/contract/view.ts';
import { closeProjects, useProject } from '../../../../src/core/db/projects.ts';
import { setLabels } from '../../../../src/core/labels/labels.ts';
import { handlers } from '../../../../src/core/raters/handlers.ts';
import { kappaOf } from '../../../../src/core/raters/kappa.ts';
import { openView } from '../../../../src/core/views/open.ts';
import type { CallContext } from '../../../../src/rpc/types.ts';
import { failsWith, importInto, picture, places, put } from '../library-tools.ts';

after(() => closeProjects());
const call: CallContext = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };

test('kappa and its range: a worked example, and what chance alone would give', () => {
  // 50 proposals, two readers: 20 both yes, 15 both no, 5 and 10 apart: po 0.7, pe 0.5, kappa 0.4.
  const { observed, kappa, ci } = kappaOf([
    [20, 5],
    [10, 15],
  ]);
  assert.ok(Math.abs(observed - 0.7) < 1e-12 && Math.abs(kappa! - 0.4) < 1e-12);
  // By hand from the formula: variance 0.016128.
  assert.ok(Math.abs(ci![1] - kappa! - 1.959963984540054 * Math.sqrt(0.016128)) < 1e-6, String(ci));
  assert.equal(kappaOf([[2]]).kappa, null);
  assert.deepEqual(
    kappaOf([
      [5, 0],
      [0, 5],
    ]).ci,
    [1, 1],
  );
});

test('a second rater labels blind: nothing of the first is in any answer, and kappa is what a count gives', async (t) => {
  const where = places(t);
  for (let i = 0; i < 40; i++) put(where.images, `P${i % 4}_${i}.png`, picture(i));
  const { project: first } = await importInto(t, where, { groups: 'P{group}_*' });
  first.close();
  const project = await useProject(where.project);
  const { db, id } = project;
  const raters = handlers({ emit: () => {} });
  for (let image = 1; image <= 40; image++) setLabels(db, 'Ana', [image], { class: image % 2 ? 'odd' : 'even' });

  await assert.rejects(
    raters['second.start']({ project: id, rater: 'Ana', of: 'Ana', images: 20 }, call),
    failsWith('second.same'),
  );
  const { images } = await raters['second.start']({ project: id, rater: 'Ben', of: 'Ana', images: 20 }, call);
  assert.equal(images, 20);
  const view = await openView(
    project,
    viewInputSchema.parse({ project: id, rater: 'Ben', source: { kind: 'queue', queue: 'second', size: 40 } }),
    call.signal,
  );
  assert.equal(view.count, 20);
  assert.equal(view.labelled, 0);
  const chosen = db.prepare<[], number>(`SELECT image FROM blind_image ORDER BY position`).pluck().all();
  const odd = chosen.filter((image) => image % 2 === 1).length;
  assert.ok(Math.abs(odd - 10) <= 2, `${odd} of 20 are odd: not spread over the classes`);
  for (const name of ['agreement.list', 'agreement.cell'] as const) {
    const input = {
      project: id,
      rater: 'Ben',
      raters: ['Ana', 'Ben'] as [string, string],
      first: 'odd',
      second: 'even',
    };
    await assert.rejects(raters[name](input, call), failsWith('second.blind'));
  }
  const status = await raters['second.status']({ project: id, rater: 'Ben' }, call);
  assert.ok(!JSON.stringify(status).includes('Ana'));

  const grid: [[number, number], [number, number]] = [
    [0, 0],
    [0, 0],
  ];
  chosen.forEach((image, i) => {
    const said = i % 5 === 0 ? 'even' : image % 2 ? 'odd' : 'even';
    setLabels(db, 'Ben', [image], { class: said });
    grid[image % 2 ? 0 : 1][said === 'odd' ? 0 : 1] += 1;
  });
  const n = 20;
  const observed = (grid[0][0] + grid[1][1]) / n;
  const expected =
    ((grid[0][0] + grid[0][1]) * (grid[0][0] + grid[1][0]) + (grid[1][0] + grid[1][1]) * (grid[0][1] + grid[1][1])) /
    n ** 2;
  const ended = await raters['second.end']({ project: id, rater: 'Ben' }, call);
  assert.equal(ended.images, 20);
  assert.ok(Math.abs(ended.kappa! - (observed - expected) / (1 - expected)) < 1e-12);
  const at = (value: string): number => ended.values.indexOf(value);
  const apart = await raters['agreement.cell'](
    { project: id, rater: 'Ben', raters: ['Ana', 'Ben'], first: 'odd', second: 'even' },
    call,
  );
  assert.equal(apart.images.length, ended.grid[at('odd')]![at('even')]);
  await assert.rejects(raters['second.end']({ project: id, rater: 'Ben' }, call), failsWith('second.none'));
});
