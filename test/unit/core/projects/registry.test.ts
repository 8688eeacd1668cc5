import './settings-home.ts';
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { closeProjects, useProject } from '../../../../src/core/db/projects.ts';
import { openProject } from '../../../../src/core/db/open.ts';
import { forgetKnown, knownProjects } from '../../../../src/core/projects/known.ts';
import { noteOpened, projectOf } from '../../../../src/core/projects/registry.ts';
import { settingsFolder } from '../../../../src/files/settings-folder.ts';
import { failsWith } from '../library-tools.ts';

let base: string;
beforeEach(() => (base = mkdtempSync(join(tmpdir(), 'acclimate-registry-'))));
afterEach(async () => {
  await closeProjects();
  rmSync(base, { recursive: true, force: true });
});
after(() => closeProjects());

test('a project is found by its folder, by its id while open, and by its id after a restart', async () => {
  const folder = join(base, 'smears');
  const made = await useProject(folder, { create: true });
  assert.equal((await projectOf(folder)).id, made.id);
  assert.equal(await projectOf(made.id), made);
  noteOpened(made);
  await closeProjects();
  const again = await projectOf(made.id);
  assert.notEqual(again, made);
  assert.deepEqual([again.id, again.db.open, again.readOnly], [made.id, true, false]);
});

test('an id that was never opened here, or whose folder is gone, is told so', async () => {
  await assert.rejects(projectOf('5f0c7d5e-6c38-4d83-9d43-111111111111'), failsWith('project.unknown'));
  const folder = join(base, 'smears');
  const { id } = await useProject(folder, { create: true }).then((project) => (noteOpened(project), project));
  await closeProjects();
  renameSync(folder, join(base, 'moved'));
  await assert.rejects(projectOf(id), failsWith('project.unknown'));
  noteOpened(await useProject(join(base, 'moved')));
  assert.equal((await projectOf(id)).folder, join(base, 'moved'));
});

test('the list is newest first, holds each folder once, is its owner’s, and survives damage', async () => {
  const [first, second] = [
    await useProject(join(base, 'a'), { create: true }),
    await useProject(join(base, 'b'), { create: true }),
  ];
  noteOpened(first);
  noteOpened(second);
  noteOpened(first);
  const mine = (): string[] =>
    knownProjects().flatMap(({ folder }) => (folder.startsWith(base) ? [basename(folder)] : []));
  assert.deepEqual(mine(), ['a', 'b']);
  forgetKnown(first.folder);
  assert.deepEqual(mine(), ['b']);
  const file = join(settingsFolder(), 'projects.json');
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, '{"projects": [');
  assert.deepEqual(knownProjects(), []);
  noteOpened(second);
  assert.deepEqual(mine(), ['b']);
});

test('where another process writes, looking goes on after writing was refused', async () => {
  const folder = join(base, 'smears');
  const writer = await openProject(folder, { create: true });
  const looking = await projectOf(folder, { readOnly: true });
  await assert.rejects(projectOf(looking.id), failsWith('project.locked'));
  assert.equal(looking.db.open, true);
  assert.equal(await projectOf(looking.id, { readOnly: true }), looking);
  writer.close();
  const writing = await projectOf(looking.id);
  assert.deepEqual([writing.readOnly, looking.db.open], [false, false]);
});
