import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { armNames, manifestSchema, type ArmName } from '../../src/contract/run-files.ts';
import type { Verdict } from '../../src/contract/results.ts';
import { writePredictions } from '../../src/engine/jobs/model-file.ts';
import { assertGoodEnd, facts, settled, type Story } from './app.ts';
import { root } from './few-images.ts';
import { Adapt } from './models/adapt.ts';
import { Apply } from './models/apply.ts';
import { Home } from './models/home.ts';
import { Import } from './models/import.ts';
import { Results } from './models/results.ts';
import { stories } from './stories.ts';
import { pattern, plural, words } from './words.ts';

/** Who labels while nobody is named. */
const rater = 'me';
const kinds = ['basophil', 'lymphocyte', 'monocyte'] as const;
const perKind = 110;
const tiny = { draws: 3, epochs: 4, size: 32, seeds: 1, regime: 'probe', batch: 16, maxImages: 64 } as const;

const story = stories(
  (title, options, run) => void test(title, options, run),
  ({ page }) => page.setDefaultTimeout(120_000),
  { isSmall: true },
);

/** Makes a project of cells of three kinds, each in the folder of its kind, so that all have their label. */
async function importCells(app: Story, name: string): Promise<{ project: string; folder: string }> {
  const cells = join(app.folder, name);
  for (const kind of kinds) {
    const from = join(root, 'resources/sample/images', kind);
    mkdirSync(join(cells, kind), { recursive: true });
    for (const file of readdirSync(from).sort().slice(0, perKind)) cpSync(join(from, file), join(cells, kind, file));
  }
  await new Home(app.page, app.answer).openFolder(cells);
  await new Import(app.page).start();
  const { projects } = await app.core.call('projects.list', {});
  const { project, folder } = projects.find((each) => each.name === name)!;
  return { project, folder: folder! };
}

story('8: collapse is caught', async (app) => {
  await app.restart({ environment: { ACCLIMATE_FAULT: 'collapse' } });
  const { page, core } = app;
  const adapt = new Adapt(page);
  const { project, folder } = await importCells(app, 'collapsing');
  await adapt.show();
  await adapt.setExpert({ ...tiny, epochs: 6 });
  await settled(page);
  await adapt.primary.click();
  await facts(page, '[data-project-state=stopped]');
  await adapt.running.locator('[data-health=collapsed]').getByText(words('adapt.health.word.collapsed')).waitFor();
  const message = page.locator('[data-code="train.collapsed"]');
  await message.getByText(words('messages.train.collapsed')).waitFor();
  const run = (await core.call('projects.status', { project, rater })).run!.id;
  const { monitor } = await core.call('runs.health', { project, run });
  assert.ok(monitor[0]!.length < 6, 'its last pass was never made');
  assert.equal(existsSync(join(folder, 'runs', run, 'scores.json')), false, 'nothing is said of how good it is');
  await assertGoodEnd(app);

  await message.getByRole('button', { name: words('messages.actions.adapt.usePlain') }).click();
  const apply = new Apply(page);
  await apply.named();
  const { batches } = await core.call('apply.list', { project, rater });
  assert.deepEqual([batches[0]!.run, batches[0]!.arm], [run, 'plain']);
  assert.deepEqual(await apply.numbers().then(({ named, toReview }) => named + toReview), kinds.length * perKind);
  await assertGoodEnd(app);
  await app.restart({ environment: { ACCLIMATE_FAULT: '' } });
});

/** Of each ten check images in turn, those a model names correctly. */
const outcomes: readonly { verdict: Verdict; headline: string; deployed: ArmName; right: Record<ArmName, string> }[] = [
  {
    verdict: 'helped',
    headline: 'helpedLikeThese',
    deployed: 'adapted',
    right: { plain: '1010110100', adapted: '1111110111' },
  },
  {
    verdict: 'no-difference',
    headline: 'noDifference',
    deployed: 'plain',
    right: { plain: '1111011111', adapted: '1111011111' },
  },
  { verdict: 'worse', headline: 'worse', deployed: 'plain', right: { plain: '1111110111', adapted: '1010110100' } },
];

/**
 * Puts other answers in the place of a run's and takes back that they were checked, as if Acclimate had been closed just
 * before: what follows from them is found when the run goes on.
 */
async function answer(folder: string, run: string, right: Record<ArmName, string>): Promise<Record<ArmName, number>> {
  const of = join(folder, 'runs', run);
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(of, 'manifest.json'), 'utf8')));
  const pathOf = new Map(manifest.images.map(({ id, path }) => [id, path]));
  const classes = manifest.classes.length;
  const hits = { plain: 0, adapted: 0 };
  for (const arm of armNames) {
    const called = manifest.check.map((image, at) => {
      const truth = manifest.classes.findIndex(({ name }) => pathOf.get(image)!.split(/[\\/]/).includes(name));
      const isRight = right[arm][at % 10] === '1';
      hits[arm] += isRight ? 1 : 0;
      return isRight ? truth : (truth + 1) % classes;
    });
    const probabilities = Float32Array.from(
      called.flatMap((index) => manifest.classes.map((_, each) => (each === index ? 0.9 : 0.1 / (classes - 1)))),
    );
    for (let draw = 0; draw < manifest.draws.length; draw++) {
      const path = join(of, 'predictions', `${arm}-0-${draw}.safetensors`);
      await writePredictions(path, manifest.check, probabilities, 'probe');
    }
  }
  for (const file of ['scores.json', 'scored.json']) rmSync(join(of, file));
  const db = new Database(join(folder, 'project.db'));
  db.prepare(`UPDATE run SET state = 'interrupted', finished_at = NULL WHERE id = ?`).run(run);
  db.close();
  return hits;
}

story('9: honest answer', async (app) => {
  const { project, folder } = await importCells(app, 'answers');
  const { run } = await app.core.call('runs.start', { project, ...tiny, shots: 5 });
  for (const { verdict, headline, deployed, right } of outcomes) {
    let hits: Record<ArmName, number> | undefined;
    await app.restart({ meanwhile: async () => void (hits = await answer(folder, run, right)) });
    const { page, core } = app;
    const { results } = await core.call('runs.resume', { project });
    assert.equal(results!.verdict, verdict);
    await new Home(page, app.answer).open('answers');
    await new Results(page).show();
    const summary = page.getByRole('tabpanel', { name: words('results.tabs.summary') });
    const said = summary.locator(`[data-verdict=${verdict}]`);
    assert.match(((await said.textContent()) ?? '').trim(), pattern(`results.headline.${headline}`));
    const choice = summary.getByRole('group', { name: words('results.choice.title') });
    assert.ok(await choice.getByRole('radio', { name: words(`results.arm.${deployed}`) }).isChecked());
    assert.equal(results!.deployed, deployed);

    const images = results!.protocol.checkImages;
    const opens = async (name: RegExp, title: string, count: number): Promise<void> => {
      await summary.getByRole('button', { name }).click();
      const strip = page.getByRole('region', { name: plural('results.behind.title', count, { title }), exact: true });
      await strip.waitFor();
      await strip.getByRole('button', { name: words('results.behind.close') }).click();
      await strip.waitFor({ state: 'detached' });
    };
    for (const arm of armNames) {
      const title = words(`results.arm.${arm}`);
      const [low, high] = results!.arms[arm].accuracy.ci.map((end) => Math.round(100 * end));
      const row = summary.getByRole('row').filter({ has: page.getByRole('rowheader', { name: title, exact: true }) });
      await row.getByText(plural('results.ofImages', images)).waitFor();
      await row.getByText(`(${low}–${high})`).waitFor();
      await opens(
        pattern('results.openCorrect', { title, range: `${low}–${high}` }),
        words('results.behind.correct'),
        hits![arm],
      );
    }
    const { onlyRight } = await core.call('results.context', { project, run });
    assert.equal(onlyRight.adapted - onlyRight.plain, hits!.adapted - hits!.plain);
    await opens(
      pattern('results.openDifference'),
      words('results.behind.eitherOfTwo'),
      onlyRight.adapted + onlyRight.plain,
    );
    await assertGoodEnd(app);
  }
});
