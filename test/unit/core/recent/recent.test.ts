import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { RecentProjects, settingsFolder } from '../../../../src/core/recent/recent.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'acclimate-recent-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('newest first, each project once, and the list outlives the process', () => {
  const recent = new RecentProjects(join(folder, 'settings'));
  recent.note('/images/a', true, new Date('2026-01-01T00:00:00Z'));
  recent.note(folder, true, new Date('2026-01-02T00:00:00Z'));
  recent.note('/images/a', true, new Date('2026-01-03T00:00:00Z'));
  assert.deepEqual(new RecentProjects(join(folder, 'settings')).list(), [
    { project: '/images/a', name: 'a', openedAt: '2026-01-03T00:00:00.000Z', isThere: false },
    { project: folder, name: folder.split('/').at(-1), openedAt: '2026-01-02T00:00:00.000Z', isThere: true },
  ]);
  recent.note('/images/a', false);
  assert.deepEqual(
    recent.list().map(({ project }) => project),
    [folder],
  );
});

test('only the owner can read it', { skip: process.platform === 'win32' && 'Windows has other rights' }, () => {
  const recent = new RecentProjects(folder);
  recent.note('/images/a', true);
  assert.equal(statSync(join(folder, 'recent-projects.json')).mode & 0o777, 0o600);
});

test('a damaged list is an empty one, and is written anew', () => {
  writeFileSync(join(folder, 'recent-projects.json'), '{"a":');
  const recent = new RecentProjects(folder);
  assert.deepEqual(recent.list(), []);
  recent.note('/images/a', true);
  assert.equal(recent.list().length, 1);
});

test('settings lie where each system keeps them', () => {
  assert.equal(settingsFolder({ XDG_CONFIG_HOME: '/x' }, 'linux'), join('/x', 'acclimate'));
  assert.equal(settingsFolder({ APPDATA: '/r' }, 'win32'), join('/r', 'Acclimate'));
});
