import '../projects/settings-home.ts';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { manifestSchema, scoredSchema } from '../../../../src/contract/run-files.ts';
import { verifyAudit } from '../../../../src/core/audit/verify.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { setLabels } from '../../../../src/core/labels/labels.ts';
import { statusOf } from '../../../../src/core/projects/status.ts';
import { readResults } from '../../../../src/core/runs/results-file.ts';
import { findRun } from '../../../../src/core/runs/rows.ts';
import { sampleTruth } from '../../../../src/core/sample/library.ts';
import { makeSample } from '../../../../src/core/sample/make.ts';
import { readRunJson } from '../../../../src/files/run-json.ts';
import { scratch } from '../../images/files.ts';
import { quiet } from '../projects/quiet.ts';

after(() => closeProjects());

test('the sample is a project with four labels per class and one run that was computed before shipping', async (t) => {
  const folder = join(scratch(t), 'sample');
  const project = await makeSample(folder, quiet);
  const { db, paths } = project;
  const first = await statusOf(project, 'ana');
  assert.deepEqual([first.name, first.images, first.labels, first.groups], ['Sample library', 1200, 32, 0]);
  assert.deepEqual(
    first.classes.map(({ training, check }) => [training, check]),
    Array.from({ length: 8 }, () => [4, 0]),
  );
  // The shipped run is there to be read and does not count for the state.
  assert.deepEqual([first.state, first.stale, first.run], ['few-labels', false, null]);
  assert.equal(first.results?.run, 'shipped');
  const raters = db.prepare(`SELECT DISTINCT rater FROM label`).pluck().all();
  assert.deepEqual(raters, ['sample']);

  // Results and the images behind them are of this project's images.
  const run = join(paths.runs, 'shipped');
  const results = await readResults(run, findRun(db, 'shipped'));
  const manifest = await readRunJson(join(run, 'manifest.json'), manifestSchema);
  const scored = await readRunJson(join(run, 'scored.json'), scoredSchema);
  assert.equal(scored.images.length, results.protocol.checkImages);
  const truth = new Map(sampleTruth(db).map((image) => [image.id, image]));
  for (const { image, class: index } of scored.images) {
    assert.equal(truth.get(image)?.class, manifest.classes[index]?.name);
    assert.equal(truth.get(image)?.side, 'check');
  }
  for (const id of [...manifest.adapt, ...manifest.training.map(({ image }) => image)]) {
    assert.equal(truth.get(id)?.side, 'training');
  }
  assert.deepEqual(
    manifest.classes.map(({ id }) => id),
    first.classes.map(({ id }) => id),
  );
  assert.equal(existsSync(join(run, 'adapt', 'seed-0.json')), true);

  // Eight more labels, one per class: the first minute's end.
  for (const { name } of first.classes) {
    const next = [...truth.values()].find(
      ({ id, class: is, side }) =>
        is === name && side === 'training' && !db.prepare(`SELECT 1 FROM label WHERE image = ?`).get(id),
    );
    setLabels(db, 'ana', [next?.id ?? 0], { class: name });
  }
  const ready = await statusOf(project, 'ana');
  assert.deepEqual([ready.state, ready.labels, ready.stale], ['ready', 40, false]);
  assert.deepEqual(verifyAudit(project).problems, []);
});
