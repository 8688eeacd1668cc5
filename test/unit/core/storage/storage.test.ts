import '../projects/settings-home.ts';
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { coreCalls } from '../../../../src/contract/core-calls.ts';
import { closeProjects, useProject } from '../../../../src/core/db/projects.ts';
import { boardOf } from '../../../../src/core/projects/board.ts';
import { changeState, insertRun } from '../../../../src/core/runs/rows.ts';
import { handlers } from '../../../../src/core/storage/handlers.ts';
import { scratch } from '../../images/files.ts';
import { failsWith } from '../library-tools.ts';
import { quiet } from '../projects/quiet.ts';

after(() => closeProjects());
const calls = handlers();

test('each part is measured, and what can be made again is cleared while nothing uses it', async (t) => {
  const project = await useProject(join(scratch(t), 'p'), { create: true });
  writeFileSync(join(project.paths.thumbnails, 'a.webp'), Buffer.alloc(1000));
  writeFileSync(join(project.paths.runs, 'keep'), Buffer.alloc(70));
  const { parts, free } = coreCalls['storage.get'].output.parse(
    await calls['storage.get']({ project: project.id }, quiet),
  );
  const bytes = (name: string): number | undefined => parts.find(({ part }) => part === name)?.bytes;
  assert.deepEqual([bytes('thumbnails'), bytes('runs'), bytes('features')], [1000, 70, 0]);
  assert.ok((bytes('database') ?? 0) > 4096 && free > 0);
  assert.equal(
    boardOf(project.id).bytes,
    parts.reduce((sum, part) => sum + part.bytes, 0),
  );

  const run = {
    kind: 'one-click',
    createdAt: '2026',
    summary: '',
    options: { project: '' },
    notes: [],
    split: 1,
    labels: 0,
  } as const;
  insertRun(project.db, { id: 'r', ...run });
  changeState(project.db, 'r', 'running');
  const clear = () => calls['storage.clear']({ project: project.id, parts: ['thumbnails', 'cache'] }, quiet);
  await assert.rejects(clear, failsWith('run.busy'));
  changeState(project.db, 'r', 'interrupted');
  assert.deepEqual(await clear(), { freed: 1000 });
  assert.equal(existsSync(join(project.paths.thumbnails, 'a.webp')), false);
  assert.equal(existsSync(join(project.paths.runs, 'keep')), true);
});
