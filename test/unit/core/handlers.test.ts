import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { coreCalls } from '../../../src/contract/core-calls.ts';
import { ownSeat } from '../../../src/contract/seat.ts';
import { handlers as auditHandlers } from '../../../src/core/audit/handlers.ts';
import { closeProjects } from '../../../src/core/db/projects.ts';
import { handlers as labelHandlers } from '../../../src/core/labels/handlers.ts';
import { handlers as libraryHandlers } from '../../../src/core/library/handlers.ts';
import type { CallContext } from '../../../src/rpc/types.ts';
import { failsWith, fill, picture, places, put } from './library-tools.ts';

after(() => closeProjects());
const calls = { ...libraryHandlers({ emit: () => {} }), ...labelHandlers({ emit: () => {} }), ...auditHandlers() };
const quiet: CallContext = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };

test('from a folder to labels, export and a verified log, by the calls of the contract', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40);
  put(where.images, 'a/more/deep.png', picture(4000));
  const { project } = where;
  const fractions: number[] = [];
  const input = coreCalls['library.import'].input.parse({ folder: where.images, project });
  const summary = await calls['library.import'](input, {
    ...quiet,
    progress: ({ fraction }) => fractions.push(fraction),
  });
  coreCalls['library.import'].output.parse(summary);
  assert.equal(summary.images, 81);
  assert.equal(fractions.at(-1), 1);
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );

  const set = {
    project,
    rater: 'ana',
    target: { images: [1, 2] },
    value: { class: 'c' },
    joint: false,
    guessShown: false,
  };
  await calls['labels.set'](set, quiet);
  await calls['labels.note']({ project, rater: 'ana', image: 1, text: 'odd' }, quiet);
  await calls['labels.undo']({ project, rater: 'ana' }, quiet);
  await calls['labels.redo']({ project, rater: 'ana' }, quiet);
  const { rows } = await calls['labels.export']({ project, out: join(project, '..', 'out.csv'), format: 'csv' }, quiet);
  assert.equal(rows, 83);
  const again = await calls['library.summary']({ project }, quiet);
  assert.deepEqual(
    again.classes.map(({ name, images }) => [name, images]),
    [
      ['a', 39],
      ['b', 40],
    ],
    'two images are open disagreements',
  );
  const audit = await calls['audit.verify']({ project }, quiet);
  assert.deepEqual([audit.ok, audit.problems], [true, []]);
  await assert.rejects(calls['library.summary']({ project: `${project}x` }, quiet), failsWith('project.missing'));
});

test('a cancelled import stops and leaves what it read', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 20);
  const { project } = where;
  const input = coreCalls['library.import'].input.parse({ folder: where.images, project });
  const cancelled = { ...quiet, signal: AbortSignal.abort(new Error('cancelled')) };
  await assert.rejects(calls['library.import'](input, cancelled), /cancelled/);
  assert.equal((await calls['library.import'](input, quiet)).images, 40);
});
