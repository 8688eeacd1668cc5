import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { sight } from '../../../../src/core/labels/visibility.ts';
import { viewSources } from '../../../../src/core/views/sources.ts';
import { call, desk } from '../apply/desk.ts';

after(closeProjects);

test('each patient and each scanner opens the images it counts, worst first; a class from one scanner is told', async (t) => {
  const { project, seat, run, results } = await desk(t, { images: 240, groups: 24 });
  const { db } = project;
  // All of Alpha comes from scanner A, Beta from both.
  const labelled = db.prepare<[], { image: number; class: string }>(`SELECT image, class FROM counting_label`).all();
  const report = db.prepare(`INSERT INTO report_group (image, column_name, value) VALUES (?, 'scanner', ?)`);
  for (const { image, class: name } of labelled) report.run(image, name === 'Alpha' || image % 3 === 0 ? 'A' : 'B');
  const id = await run();
  const { tables, carried, held } = await results['results.groups'](
    { project: seat.project, run: id, arm: 'plain' },
    call,
  );
  assert.deepEqual(carried, [{ class: 'Alpha', column: 'scanner', value: 'A' }]);
  const trained = db
    .prepare<[], number>(`SELECT count(*) FROM report_group JOIN image ON id = image WHERE side = 'training'`)
    .pluck()
    .get();
  assert.deepEqual(
    held.map(({ column, rows }) => [column, rows.reduce((sum, { labels }) => sum + labels, 0)]),
    [['scanner', trained]],
    'the run knows the scanner of every training label',
  );
  assert.deepEqual(
    tables.map(({ column }) => column),
    [null, 'scanner'],
  );
  for (const { column, rows } of tables) {
    assert.ok(rows.length >= 2);
    for (const [at, { value, images, hits, mean, ci }] of rows.entries()) {
      const opened = async (correct: boolean | null): Promise<number> => {
        const group = { column, value };
        const source = { kind: 'scored', run: id, arm: 'plain', truth: null, called: null, correct, group } as const;
        return (await viewSources.scored(project, sight(db, 'ana'), source)).ids!.length;
      };
      assert.deepEqual([await opened(null), await opened(true)], [images, hits]);
      assert.ok(ci[0] <= mean && mean <= ci[1]);
      assert.ok(mean >= (rows[at - 1]?.mean ?? 0), 'worst first');
    }
  }
});
