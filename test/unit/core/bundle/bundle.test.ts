import '../projects/settings-home.ts';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ZipFile } from 'yazl';
import { handlers as auditHandlers } from '../../../../src/core/audit/handlers.ts';
import { verifyAudit } from '../../../../src/core/audit/verify.ts';
import { handlers as bundleHandlers } from '../../../../src/core/bundle/handlers.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { projectOf } from '../../../../src/core/projects/registry.ts';
import { writeWhole } from '../../../../src/files/whole.ts';
import { call, desk } from '../apply/desk.ts';

after(closeProjects);

const bundles = bundleHandlers();

test('a project goes into one file and comes out whole, as a project of its own', async (t) => {
  const all = await desk(t, { images: 100 });
  const run = await all.run();
  const out = join(dirname(all.folder), 'bundle.zip');
  const small = join('thumbnails', 'ab', 'abc-0.jpg');
  mkdirSync(dirname(join(all.folder, small)));
  writeFileSync(join(all.folder, small), 'small');
  await bundles['exports.bundle']({ ...all.seat, thumbnails: true, out }, call);
  const audit = auditHandlers();
  assert.deepEqual((await audit['audit.verify']({ project: all.folder, file: out }, call)).problems, []);

  const folder = join(dirname(all.folder), 'copy');
  const { project: id } = await bundles['projects.unbundle']({ file: out, folder }, call);
  const copy = await projectOf(id);
  t.after(() => copy.close());
  assert.equal(readFileSync(join(folder, small), 'utf8'), 'small');
  assert.ok(!existsSync(join(folder, 'labels.csv')), 'nothing that a project does not know');
  assert.notEqual(copy.id, all.project.id);
  assert.deepEqual(verifyAudit(copy).problems, []);
  const count = (sql: string): unknown[] => [all.project, copy].map(({ db }) => db.prepare(sql).pluck().get());
  const [before, now] = count(`SELECT count(*) || group_concat(class) FROM label`);
  assert.equal(now, before);
  const scores = (project: string): string => readFileSync(join(project, 'runs', run, 'scores.json'), 'utf8');
  assert.equal(scores(folder), scores(all.folder));
  const of = { project: id, run };
  assert.equal((await all.results['results.get'](of, call)).run, run);
});

test('what is no bundle of ours makes no project and writes nothing beside it', async (t) => {
  const all = await desk(t, { images: 100 });
  await all.run();
  const root = dirname(all.folder);
  const out = join(root, 'bundle.zip');
  await bundles['exports.bundle']({ ...all.seat, thumbnails: false, out }, call);
  const folder = join(root, 'copy');
  const refused = async (bytes: Buffer, says: RegExp): Promise<void> => {
    writeFileSync(join(root, 'bad.zip'), bytes);
    await assert.rejects(
      bundles['projects.unbundle']({ file: join(root, 'bad.zip'), folder }, call),
      (error: Error) => {
        assert.equal((error as { code?: string }).code, 'bundle.unreadable');
        assert.match(error.message, says);
        return true;
      },
    );
    assert.ok(!existsSync(folder));
  };
  const whole = readFileSync(out);
  await refused(Buffer.from('no zip'), /End of Central Directory/i);
  await refused(whole.subarray(0, whole.length / 2), /./);
  const damaged = Buffer.from(whole);
  damaged[damaged.indexOf('labels.csv') + 60]! ^= 1;
  await refused(damaged, /./);

  const zip = async (files: Readonly<Record<string, string>>): Promise<Buffer> => {
    const made = new ZipFile();
    for (const [path, text] of Object.entries(files)) made.addBuffer(Buffer.from(text), path);
    made.end();
    await writeWhole(join(root, 'made.zip'), made.outputStream as AsyncIterable<Buffer>);
    return readFileSync(join(root, 'made.zip'));
  };
  const listed = (path: string): string =>
    JSON.stringify({
      version: 1,
      createdAt: new Date().toISOString(),
      acclimate: '0',
      project: { id: 'x', name: 'x' },
      entries: 0,
      head: '',
      files: [{ path, bytes: 1, sha256: 'x' }],
    });
  await refused(await zip({ 'project.db': 'x' }), /does not begin with its list/);
  await refused(await zip({ 'bundle.json': listed('project.db'), 'project.db': 'x' }), /project\.db was changed/);
  await refused(await zip({ 'bundle.json': listed('tmp/x'), 'tmp/x': 'x' }), /no file of a project/);
  await refused(await zip({ 'bundle.json': listed('project.db') }), /lacks project\.db/);
  // A name that leads out of the folder, which the writer would refuse.
  const straying = await zip({ 'bundle.json': listed('runs/../../x'), 'runs/aa/aa/x': 'x' });
  for (let at = straying.indexOf('runs/aa/aa/x'); at !== -1; at = straying.indexOf('runs/aa/aa/x')) {
    straying.write('runs/../../x', at);
  }
  await refused(straying, /invalid relative path/);
  assert.ok(!existsSync(join(root, 'x')));
});
