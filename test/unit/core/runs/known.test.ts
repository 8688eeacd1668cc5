import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import '../projects/settings-home.ts';
import { desk } from './desk.ts';

after(closeProjects);

const ofPlain = (worked: readonly string[]): string[] => worked.filter((name) => /\bplain\b/.test(name));

test('another method on the same labels: the arm without adaptation is taken, the other one computed', async () => {
  const { start, runs, engine, audit, project, results, call, folder, remove } = await desk();
  const first = await start({ epochs: 2 });
  const before = engine.worked.splice(0);
  const second = await start({ epochs: 3, methodSettings: { learningRate: 1e-3 } });
  assert.deepEqual(ofPlain(engine.worked), []);
  assert.deepEqual(
    engine.worked,
    before.filter((name) => !/\bplain\b/.test(name)),
  );
  assert.deepEqual(second.results?.arms.plain, first.results?.arms.plain);
  assert.deepEqual(
    audit().filter((entry) => entry === 'run taken'),
    ['run taken'],
  );
  // What was taken is the run's own: the earlier one may go.
  await runs['runs.remove']({ project: folder, rater: 'sample', run: first.run }, call);
  const predictions = readdirSync(join(project.paths.runs, second.run, 'predictions'));
  assert.equal(predictions.filter((name) => name.startsWith('plain')).length, 6);
  assert.ok(await results['results.get']({ project: folder, run: second.run }, call));
  remove();
});

for (const [what, more] of Object.entries({
  'other draws': { seed: 9 },
  'another number of labels': { shots: 2 },
  'another regime': { regime: 'full' as const },
  'another size': { size: 64 },
  'more seeds': { seeds: 3 },
  'other images to learn from': { maxImages: 20 },
})) {
  test(`with ${what} nothing of the arm without adaptation is taken but features that are the same`, async () => {
    const { start, engine, remove } = await desk();
    await start();
    engine.worked.length = 0;
    await start(more);
    const expected = ['finetune plain 0 0', 'calibrate plain'];
    assert.deepEqual(
      expected.filter((name) => !engine.worked.includes(name)),
      [],
    );
    const isSameBackbone = 'shots' in more || 'regime' in more || 'seeds' in more;
    assert.equal(engine.worked.includes('embed plain 0'), !isSameBackbone);
    remove();
  });
}

test('labels given since: nothing is taken', async () => {
  const { start, engine, project, audit, remove } = await desk();
  project.db.exec(`CREATE TEMP TABLE later AS SELECT * FROM label WHERE image IN (
    SELECT id FROM image WHERE side = 'training' ORDER BY id LIMIT 1)`);
  project.db.exec(`DELETE FROM label WHERE image IN (SELECT image FROM later)`);
  await start();
  project.db.exec(`INSERT INTO label SELECT * FROM later`);
  engine.worked.length = 0;
  await start();
  assert.ok(engine.worked.includes('embed plain 0') && engine.worked.includes('finetune plain 0 0'));
  assert.ok(!audit().includes('run taken'));
  remove();
});

test('an image that could not be read then and can be now: nothing is taken', async () => {
  const { start, engine, project, remove } = await desk();
  const { run } = await start();
  writeFileSync(join(project.paths.runs, run, 'prepared.json'), '{"failed":[{"image":1,"code":"missing"}]}');
  engine.worked.length = 0;
  await start({ epochs: 2 });
  assert.ok(engine.worked.includes('embed plain 0') && engine.worked.includes('finetune plain 0 0'));
  remove();
});

test('what another version of the app computed is not taken', async () => {
  const { start, engine, project, remove } = await desk();
  await start();
  project.db.exec(
    `DROP TRIGGER audit_fixed; UPDATE audit SET payload = json_set(payload, '$.version', '0.0.1') WHERE payload ->> 'event' = 'created'`,
  );
  engine.worked.length = 0;
  await start({ epochs: 2 });
  assert.ok(engine.worked.includes('embed plain 0') && engine.worked.includes('finetune plain 0 0'));
  remove();
});

test('training on an adaptation that is there: its features are taken with it', async () => {
  const { start, runs, engine, folder, call, remove } = await desk();
  const { run } = await start();
  engine.worked.length = 0;
  const more = { project: folder, from: run, shots: 2, draws: 3, regime: 'probe' as const };
  await runs['runs.finetune'](more, call);
  assert.deepEqual(
    engine.worked.filter((name) => name.startsWith('adapt') || name.startsWith('embed')),
    [],
  );
  assert.ok(engine.worked.includes('finetune adapted 1 2') && engine.worked.includes('finetune plain 0 0'));
  // Another adaptation of the same settings is another file.
  engine.worked.length = 0;
  await start();
  assert.ok(engine.worked.includes('embed adapted 0'));
  remove();
});
