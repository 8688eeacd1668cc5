import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { backUp, isBackupDue, listBackups } from '../../../src/core/db/backup.ts';
import { acquireLock } from '../../../src/core/db/lock.ts';
import { transact } from '../../../src/core/db/errors.ts';
import { batchInfo, findBatch } from '../../../src/core/apply/batches.ts';
import { migrate } from '../../../src/core/db/migrate.ts';
import { migrations } from '../../../src/core/db/schema.ts';
import { openProject, type Project } from '../../../src/core/db/open.ts';
import { closeProjects, useProject } from '../../../src/core/db/projects.ts';
import { appendAudit } from '../../../src/core/audit/log.ts';
import { scratch } from '../images/files.ts';
import { failsWith } from './library-tools.ts';

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const openFile = fileURLToPath(new URL('../../../src/core/db/open.ts', import.meta.url));

test('a new project is owner-only, durable and keeps its id', async (t) => {
  const folder = join(scratch(t), 'p');
  await assert.rejects(openProject(folder), failsWith('project.missing'));
  assert.ok(!existsSync(folder), 'looking for a project makes none');
  const project = await openProject(folder, { create: true });
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(project.paths.database).mode & 0o077, 0);
  assert.equal(project.db.pragma('journal_mode', { simple: true }), 'wal');
  assert.equal(project.db.pragma('synchronous', { simple: true }), 2);
  assert.equal(project.db.pragma('foreign_keys', { simple: true }), 1);
  writeFileSync(join(project.paths.tmp, 'left'), 'x');
  project.close();
  const again = await openProject(folder);
  t.after(() => again.close());
  assert.equal(again.id, project.id);
  assert.deepEqual(readdirSync(again.paths.tmp), [], 'temporary files are emptied');
});

test('a folder with other files becomes no project, a file in the way is told', async (t) => {
  const root = scratch(t);
  writeFileSync(join(root, 'thesis.txt'), 'mine');
  await assert.rejects(openProject(root, { create: true }), failsWith('project.notEmpty'));
  assert.deepEqual(readdirSync(root), ['thesis.txt']);
  await assert.rejects(openProject(join(root, 'thesis.txt', 'p'), { create: true }), failsWith('project.unwritable'));
});

test('a folder that may not be written is told', { skip: process.platform !== 'linux' }, async () => {
  await assert.rejects(openProject('/proc/acclimate', { create: true }), failsWith('project.unwritable'));
});

test('the second process on a project is refused, and takes over when the first is killed', async (t) => {
  const folder = join(scratch(t), 'p');
  (await openProject(folder, { create: true })).close();
  const script = `const { openProject } = await import(${JSON.stringify(openFile)});
    await openProject(${JSON.stringify(folder)}); process.send('open'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'message');
  await assert.rejects(openProject(folder), (error: unknown) => {
    failsWith('project.locked')(error);
    assert.match(String(error), new RegExp(`process ${child.pid}`));
    return true;
  });
  const looking = await openProject(folder, { readOnly: true });
  assert.throws(() => looking.db.exec(`DELETE FROM setting`), /readonly/);
  looking.close();
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(existsSync(join(folder, 'project.lock')), 'the dead process left its note');
  (await openProject(folder)).close();
});

test('a lock file of another computer is believed on a network folder only', (t) => {
  const folder = scratch(t);
  const note = JSON.stringify({ host: 'elsewhere', pid: 1, since: '2026-01-01T00:00:00.000Z' });
  writeFileSync(join(folder, 'project.lock'), note);
  assert.throws(() => acquireLock(folder, true), failsWith('project.locked'));
  acquireLock(folder, false).release();
  assert.ok(!existsSync(join(folder, 'project.lock')));
});

test('one process shares one open project, also when asked at the same time', async (t) => {
  const folder = join(scratch(t), 'p');
  const [a, b] = await Promise.all([useProject(folder, { create: true }), useProject(folder, { create: true })]);
  assert.equal(a, b);
  await closeProjects();
  assert.ok(!a.db.open);
});

test('a corrupt or future database is not opened and not changed', async (t) => {
  const folder = join(scratch(t), 'p');
  const project = await openProject(folder, { create: true });
  const backup = await backUp(project.db, project.paths.backups);
  const { database } = project.paths;
  project.close();

  const good = readFileSync(database);
  const refuses = async (bytes: Buffer, code: 'db.corrupt' | 'db.future'): Promise<void> => {
    writeFileSync(database, bytes);
    const before = hashOf(database);
    for (const readOnly of [false, true]) {
      await assert.rejects(openProject(folder, { readOnly }), (error: unknown) => {
        failsWith(code)(error);
        assert.ok((error as { toShape(): { safe: string } }).toShape().safe.includes(backup), 'names the backups');
        return true;
      });
    }
    assert.equal(hashOf(database), before);
  };
  await refuses(Buffer.from('this is no database at all'), 'db.corrupt');
  await refuses(Buffer.alloc(0), 'db.corrupt');
  const torn = Buffer.from(good);
  torn.fill(0xa5, 4096, torn.length);
  await refuses(torn, 'db.corrupt');
  await refuses(good.subarray(0, 4096 * 2), 'db.corrupt');
  const future = Buffer.from(good);
  future.writeUInt32BE(9999, 60);
  await refuses(future, 'db.future');

  writeFileSync(database, good);
  (await openProject(folder)).close();
});

test('a migration is all or nothing, after a backup', async (t) => {
  const folder = join(scratch(t), 'p');
  const project = await openProject(folder, { create: true });
  t.after(() => project.close());
  const { db, paths } = project;
  db.prepare(`INSERT INTO class (key, name, position, counts_as) VALUES ('kept', 'kept', 1, 1)`).run();
  const steps = [
    { step: 100, sql: `CREATE TABLE new_one (id INTEGER PRIMARY KEY) STRICT` },
    { step: 101, sql: `CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; INSERT INTO missing VALUES (1)` },
  ];
  await assert.rejects(migrate(db, paths.backups, false, steps), failsWith('db.migration'));
  assert.equal(db.pragma('user_version', { simple: true }), 100);
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE name IN ('new_one', 'half')`).pluck().all();
  assert.deepEqual(tables, ['new_one']);
  const [backup] = listBackups(paths.backups);
  assert.ok(backup && backup.sha256 === hashOf(backup.file));
  const copy = new Database(backup.file, { readonly: true });
  assert.equal(copy.prepare(`SELECT name FROM class`).pluck().get(), 'kept');
  assert.notEqual(copy.pragma('user_version', { simple: true }), 100);
  copy.close();
});

test('what was named before distances were told opens, without any', async (t) => {
  const db = new Database(':memory:');
  t.after(() => db.close());
  const backups = scratch(t);
  await migrate(db, backups, true, migrations.slice(0, 3));
  db.exec(`
    INSERT INTO run (id, kind, state, created_at) VALUES ('r1', 'one-click', 'finished', '');
    INSERT INTO image (id, role, file, state, bytes, modified) VALUES (1, 'main', 'a.png', 'ok', 1, 1);
    INSERT INTO batch (id, run, arm, state, created_at, classes) VALUES (1, 'r1', 'plain', 'done', '', '["A", "B"]');
    INSERT INTO prediction VALUES (1, 1, 1, 0.9, 0, 0.1);`);
  await migrate(db, backups, true);
  assert.equal(findBatch(db, 1).unlike, null);
  assert.equal(batchInfo(db, findBatch(db, 1)).unlike, null);
  assert.deepEqual(db.prepare(`SELECT class, probability, distance FROM prediction`).all(), [
    { class: 1, probability: 0.9, distance: null },
  ]);
});

test('backups are due daily, the newest five are kept, each with the stamp of the audit log', async (t) => {
  const folder = join(scratch(t), 'p');
  const project = await openProject(folder, { create: true });
  t.after(() => project.close());
  const { db, paths } = project;
  assert.ok(isBackupDue(paths.backups));
  for (let i = 1; i <= 7; i++) {
    appendAudit(db, 'import', { i });
    await backUp(db, paths.backups);
  }
  const kept = listBackups(paths.backups);
  assert.deepEqual(
    kept.map(({ entries }) => entries),
    [3, 4, 5, 6, 7],
  );
  assert.equal(readdirSync(paths.backups).length, 10);
  const head = db.prepare(`SELECT hash FROM audit WHERE seq = 5`).pluck().get();
  assert.equal(kept[2]?.head, head);
  assert.ok(!isBackupDue(paths.backups));
  assert.ok(isBackupDue(paths.backups, Date.now() + 25 * 3600_000));
});

test(
  'on a read-only disk a project can be looked at, not changed',
  { skip: process.platform !== 'linux' || process.getuid?.() !== 0 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'acclimate-read-only-'));
    t.after(() => {
      spawnSync('umount', [folder]);
      rmSync(folder, { recursive: true });
    });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', folder]);
    if (mounted.status !== 0) return t.skip('mounting is not permitted');
    const { id, close } = await openProject(folder, { create: true });
    close();
    spawnSync('mount', ['-o', 'remount,ro', folder]);
    const looking = await openProject(folder, { readOnly: true });
    assert.equal(looking.id, id);
    assert.throws(() => looking.db.exec(`DELETE FROM setting`), /readonly/);
    looking.close();
    await assert.rejects(openProject(folder), failsWith('project.unwritable'));
    return undefined;
  },
);

test(
  'a full disk loses nothing that was there',
  { skip: process.platform !== 'linux' || process.getuid?.() !== 0 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'acclimate-small-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'tmpfs', folder]);
    if (mounted.status !== 0) return t.skip('mounting is not permitted');
    const ballast = join(folder, 'ballast');
    let project: Project | undefined;
    try {
      for (const free of [0, 40_000]) {
        // To the last page, then a little room again.
        spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4096']);
        truncateSync(ballast, statSync(ballast).size - free);
        await assert.rejects(openProject(join(folder, 'p'), { create: true }), failsWith('project.diskFull'));
      }
      rmSync(ballast);
      project = await openProject(join(folder, 'p'), { create: true });
      const { id } = project;
      project.close();
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4096']);
      const looking = await openProject(join(folder, 'p'), { readOnly: true });
      assert.equal(looking.id, id);
      looking.close();
      await assert.rejects(openProject(join(folder, 'p')), failsWith('project.diskFull'));
      rmSync(ballast);
      project = await openProject(join(folder, 'p'));
      fillUp(project);
    } finally {
      project?.close();
      spawnSync('umount', [folder]);
    }
    return undefined;
  },
);

function fillUp(project: Project): void {
  const add = project.db.prepare(`INSERT INTO setting (key, value) VALUES (?, ?)`);
  let written = 0;
  assert.throws(() => {
    for (; written < 100; written++) transact(project.db, () => add.run(`k${written}`, 'x'.repeat(100_000)));
  }, failsWith('project.diskFull'));
  assert.ok(written > 0 && written < 100);
  const kept = project.db.prepare(`SELECT count(*) FROM setting WHERE key LIKE 'k%'`).pluck().get();
  assert.equal(kept, written);
}
