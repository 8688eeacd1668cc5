import '../projects/settings-home.ts';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingsChangeSchema, settingsSchema } from '../../../../src/contract/settings.ts';
import { openProject } from '../../../../src/core/db/open.ts';
import { browse } from '../../../../src/core/settings/browse.ts';
import { settingsFolder } from '../../../../src/files/settings-folder.ts';
import { defaultProjects } from '../../../../src/core/settings/places.ts';
import { changeUserSettings, readUserSettings } from '../../../../src/core/settings/user.ts';
import { scratch } from '../../images/files.ts';
import { failsWith } from '../library-tools.ts';

const file = join(settingsFolder(), 'settings.json');

test('a change keeps the rest, is only its owner’s, and is there after a restart', () => {
  assert.deepEqual(readUserSettings(), settingsSchema.parse({}));
  changeUserSettings({ theme: 'light', keys: { undo: ['x'] } });
  changeUserSettings({ rater: 'Ana', people: [{ name: 'Ana', initials: 'A', colour: 1 }] });
  const { theme, rater, keys } = readUserSettings();
  assert.deepEqual([theme, rater, keys], ['light', 'Ana', { undo: ['x'] }]);
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('an empty change changes nothing: no default comes in by the back door', () => {
  changeUserSettings({ theme: 'contrast' });
  changeUserSettings(settingsChangeSchema.parse({}));
  assert.equal(readUserSettings().theme, 'contrast');
});

test('a damaged field falls back alone, a damaged file to what is shipped', () => {
  changeUserSettings({ theme: 'light', density: 'touch' });
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...kept, theme: 'pink' }));
  assert.deepEqual([readUserSettings().theme, readUserSettings().density], ['dark', 'touch']);
  writeFileSync(file, '{"theme":');
  assert.deepEqual(readUserSettings(), settingsSchema.parse({}));
});

test('folders are browsed below the roots, and nowhere else', async (t) => {
  const root = scratch(t);
  for (const folder of ['a/b', 'a/10', 'a/9', 'a/.hidden', 'secret'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const name of ['x.png', 'y.JPG', 'labels.csv', 'notes.doc', 'm.pth', 'm.NPZ'])
    writeFileSync(join(root, 'a', name), 'x');
  symlinkSync(join(root, 'secret'), join(root, 'a', 'out'));
  const roots = [join(root, 'a')];
  const top = await browse(null, 'tables', roots);
  assert.equal(top.parent, null);
  assert.deepEqual(
    top.folders.map(({ name }) => name),
    ['9', '10', 'b'],
  );
  assert.deepEqual(
    top.files.map(({ name, bytes }) => [name, bytes]),
    [['labels.csv', 1]],
  );
  assert.equal(top.images, 2);
  const { files } = await browse(null, 'weights', roots);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['m.NPZ', 'm.pth'],
  );
  const inner = await browse(join(root, 'a', 'b'), 'tables', roots);
  assert.equal(inner.parent, top.path);
  for (const path of [root, join(root, 'a', '..', 'secret'), join(root, 'a', 'out'), '/']) {
    await assert.rejects(browse(path, 'tables', roots), failsWith('seat.path'));
  }
  await assert.rejects(browse(join(root, 'a', 'none'), 'tables', roots), failsWith('folder.missing'));
  assert.equal((await browse(root, 'tables', null)).folders.length, 2);
  assert.deepEqual(
    (await browse(null, 'tables', [join(root, 'a'), join(root, 'secret')])).folders.map(({ path }) => path),
    [join(root, 'a'), join(root, 'secret')],
  );
});

test('where the administrator fixed the place of projects, none is made elsewhere', async (t) => {
  const base = scratch(t);
  const policy = join(base, 'policy.json');
  writeFileSync(policy, JSON.stringify({ projectRoot: join(base, 'kept') }));
  process.env['ACCLIMATE_POLICY'] = policy;
  t.after(() => delete process.env['ACCLIMATE_POLICY']);
  assert.equal(defaultProjects(), join(base, 'kept'));
  await assert.rejects(openProject(join(base, 'other'), { create: true }), failsWith('project.outsideRoot'));
  await assert.rejects(
    openProject(join(base, 'kept', '..', 'other'), { create: true }),
    failsWith('project.outsideRoot'),
  );
  assert.equal(existsSync(join(base, 'other')), false);
  (await openProject(join(base, 'kept', 'mine'), { create: true })).close();
});
