import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import type { Results as Found } from '../../src/contract/results.ts';
import { imagesOf, readTile, type Tile } from '../../src/renderer/state/tiles.ts';
import { assertGoodEnd, facts, settled, type Story } from './app.ts';
import { watch } from './browser.ts';
import { root } from './few-images.ts';
import { Adapt } from './models/adapt.ts';
import { Apply } from './models/apply.ts';
import { Home } from './models/home.ts';
import { Images } from './models/images.ts';
import { Import } from './models/import.ts';
import { Label } from './models/label.ts';
import { People } from './models/people.ts';
import { Results } from './models/results.ts';
import { writePictures } from './pictures.ts';
import { stories } from './stories.ts';
import { pattern, plural, words } from './words.ts';

/** Who labels while nobody is named. */
const rater = 'me';
const kinds = ['basophil', 'lymphocyte', 'monocyte'] as const;
const perKind = 110;
const labelledPerKind = 20;

// Several runs on two cores.
const story = stories(
  (title, options, run) => void test(title, options, run),
  ({ page }) => page.setDefaultTimeout(120_000),
  { isSmall: true },
);

/**
 * Cells of three kinds, some of them with a label in a table. Whoever wrote it took a few monocytes for lymphocytes:
 * what a model may see, and a person can set right.
 */
function writeCells(folder: string): void {
  mkdirSync(folder);
  const rows = kinds.flatMap((kind) => {
    const from = join(root, 'resources/sample/images', kind);
    const files = readdirSync(from).sort().slice(0, perKind);
    return files.map((file, at) => {
      const name = `${kind}-${String(at).padStart(3, '0')}.jpg`;
      cpSync(join(from, file), join(folder, name));
      const said = kind === 'monocyte' && at < 6 ? 'lymphocyte' : kind;
      return `${name},${at < labelledPerKind ? said : ''}`;
    });
  });
  writeFileSync(join(folder, 'labels.csv'), ['file,label', ...rows].join('\n'));
}

const shapes: readonly string[] = ['round', 'oval', 'flat'];

/** What a window's tiles show. */
const tilesIn = (bytes: Uint8Array): Tile[] => [...imagesOf(bytes)].map((_, place) => readTile(bytes, place));

/** Windows of tiles in a frame. */
function bytesIn(frame: unknown): Uint8Array[] {
  if (typeof frame !== 'object' || frame === null) return [];
  return Object.entries(frame).flatMap(([key, value]) =>
    key === 'tiles' && value instanceof Uint8Array ? [value] : bytesIn(value),
  );
}

async function projectOf(app: Story, name: string): Promise<string> {
  const { projects } = await app.core.call('projects.list', {});
  const found = projects.find((each) => each.name === name);
  assert(found, `no project is called ${name}`);
  return found.project;
}

/** What a run found, whichever run it is and however long it took. */
const found = ({ monitor, ...results }: Found): Found => ({
  ...results,
  run: '',
  seconds: 0,
  imagesPerSecond: 0,
  idleShare: 0,
  monitor: monitor.map((rows) => rows.map((row) => ({ ...row, imagesPerSecond: null }))),
});

story('7: adapt, pause, crash, continue', async (app) => {
  const { page, core } = app;
  const [home, importing, images] = [new Home(page, app.answer), new Import(page), new Images(page)];
  const [label, adapt] = [new Label(page), new Adapt(page)];
  const folder = join(app.folder, 'cells');
  writeCells(folder);
  await home.openFolder(folder);
  await importing.start();
  await images.counts('labels', kinds.length * labelledPerKind);
  const project = await projectOf(app, 'cells');
  const status = () => core.call('projects.status', { project, rater });

  await adapt.show();
  const tiny = { draws: 2, epochs: 10, size: 32, seeds: 1, regime: 'probe', batch: 16, maxImages: 64 } as const;
  await adapt.setExpert(tiny);
  // Timed anew with them.
  await settled(page);
  const shown = await adapt.noteProgress();
  const told: number[] = [];
  const stop = core.on('run.progress', ({ progress }) => told.push(progress.fraction));
  await adapt.primary.click();
  await facts(page, '[data-project-state=adapting]');

  await label.show();
  await label.image.focus();
  await label.key('2');
  assert.equal((await status()).state, 'adapting', 'it was labelled while the run went on');
  // Which image it was follows from when the suggestions were ready.
  const { undo } = await core.call('labels.stack', { project, rater });
  assert.deepEqual([undo?.kind, undo?.images], ['set', 1]);
  // The run that is compared later has the same labels.
  await label.saved(() => page.keyboard.press('ControlOrMeta+z'));

  await adapt.button('adapting').click();
  await adapt.button('pause').click();
  await facts(page, '[data-project-state=paused]');
  await assertGoodEnd(app);
  await adapt.button('paused').click();
  await facts(page, '[data-project-state=adapting]');
  await adapt.pass(2).waitFor();
  process.kill(app.pid('engine')!, 'SIGKILL');
  await facts(page, '[data-project-state=interrupted]');
  await page.locator('[data-code="run.resume"]').waitFor();
  await assertGoodEnd(app);
  // Somebody who comes back sees how far it was.
  const before = await shown();
  await page.reload();
  const after = await adapt.noteProgress();
  await adapt.running.waitFor();
  await adapt.button('interrupted').click();
  await facts(page, '[data-project-state=results]');
  stop();
  const last = await after();
  await adapt.button('results').click();
  await page.getByRole('heading', { level: 1, name: words('app.places.results') }).waitFor();
  await settled(page);

  for (const [who, values] of Object.entries({ shown: [...before, ...last], told })) {
    assert(values.length > 5, `${who}: ${values.join()}`);
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
      who,
    );
  }
  const run = (await status()).results!.run;
  const broken = await core.call('results.get', { project, run });
  const whole = await core.call('runs.start', { project, depth: 'standard', ...tiny });
  assert.equal(whole.outcome, 'finished');
  assert.notEqual(whole.run, run);
  assert.deepEqual(found(broken), found(whole.results!));
  await assertGoodEnd(app);
});

story('10: from matrix to fix', async (app) => {
  const { page, core } = app;
  const results = new Results(page);
  const project = await projectOf(app, 'cells');
  const { folder } = await core.call('projects.status', { project, rater });
  const labels = async (): Promise<string> => {
    const out = join(app.folder, 'labels.csv');
    await core.call('labels.export', { project, out, format: 'csv' });
    const text = readFileSync(out, 'utf8');
    rmSync(out);
    return text;
  };
  const earlier = await labels();
  await facts(page, '[data-stale=false]');

  await results.show('confusions');
  await results.cell('lymphocyte', 'monocyte').click();
  const behind = results.behind('lymphocyte', 'monocyte');
  await behind.tile('lymphocyte', 1).waitFor();
  const images = await behind.tiles.count();
  assert.equal(await behind.firstFix.count(), 0);
  await assertGoodEnd(app);
  await behind.tile('lymphocyte', 1).click();
  await page.keyboard.press('1');
  await behind.tile('basophil', 1).waitFor();
  assert.equal(await behind.tiles.count(), images, 'it stays in its place');
  await behind.firstFix.waitFor();
  await facts(page, '[data-stale=true]');
  await results.button('stale').waitFor();
  assert.equal(await results.button('stale').innerText(), plural('app.primary.stale', 1));
  await assertGoodEnd(app);

  const db = new Database(join(folder!, 'project.db'), { readonly: true });
  const trail = db.prepare(`SELECT kind, payload FROM audit ORDER BY seq`).all() as { kind: string; payload: string }[];
  db.close();
  const { run } = (await core.call('projects.status', { project, rater })).results!;
  const seen = trail.findIndex(({ kind, payload }) => kind === 'seen' && payload.includes(run));
  assert(seen >= 0, 'the trail tells that the results were seen');
  assert.deepEqual(
    trail
      .slice(seen + 1)
      .filter(({ kind }) => kind === 'labels')
      .map(({ payload }) => {
        const { rater: by, count, afterResults } = JSON.parse(payload) as Record<string, unknown>;
        return { by, count, afterResults };
      }),
    [{ by: rater, count: 1, afterResults: run }],
  );

  await behind.undo.click();
  await behind.tile('lymphocyte', 1).waitFor();
  await facts(page, '[data-stale=false]');
  await behind.firstFix.waitFor({ state: 'detached' });
  await results.button('apply').waitFor();
  assert.equal(await labels(), earlier);
  await assertGoodEnd(app);
});

story('11: second rater', async (app) => {
  const { page, core } = app;
  const [home, importing, images] = [new Home(page, app.answer), new Import(page), new Images(page)];
  const [label, people] = [new Label(page), new People(page)];
  const folder = join(app.folder, 'slides');
  await writePictures(folder, 60);
  await home.openFolder(folder);
  await importing.start();
  const project = await projectOf(app, 'slides');
  await label.show();
  for (const name of shapes) await label.addClass(name);
  await people.add('Ana', 'Ben');
  await home.open('slides');
  await images.show();
  // A third of the images each, the next class from where the one before ends.
  await images.cell(/, 1 of 60$/).click();
  for (const [at] of shapes.entries()) {
    if (at > 0) await page.keyboard.press('ArrowRight');
    for (let step = 1; step < 20; step++) await page.keyboard.press('Shift+ArrowRight');
    await label.saved(() => page.keyboard.press(String(at + 1)));
  }
  await images.counts('labels', 60);
  const { classes } = await core.call('projects.status', { project, rater: 'Ana' });
  const nameOf = new Map(classes.map(({ id, name }) => [id, name]));
  const { view } = await core.call('view.open', { project, rater: 'Ana' });
  const { tiles } = await core.call('view.window', { project, rater: 'Ana', view, from: 0, count: 60 });
  const ana = new Map([...tilesIn(tiles)].map(({ image, class: id }) => [image, nameOf.get(id!)!]));
  assert.equal(ana.size, 60);
  await core.call('labels.note', { project, rater: 'Ana', image: [...ana.keys()][7]!, text: 'Anamnesis: fever' });

  const ben = await app.seat('Ben');
  const { page: bens, frames } = ben;
  const [hisLabel, hisPeople] = [new Label(bens), new People(bens)];
  await new Home(bens).open('slides');
  await hisPeople.show();
  frames.length = 0;
  await hisPeople.start('Ana', 60);
  // Until then he may know whose labels there are.
  const begun = frames.findIndex((frame) => JSON.stringify(frame).includes('"active":true'));
  assert(begun >= 0);
  frames.splice(0, begun);

  const bySight = new Map<number, string>();
  const shown: string[] = [await bens.content()];
  for (const name of shapes)
    await hisLabel
      .class(name)
      .filter({ hasText: /^\D*\d?\D*0\b/ })
      .waitFor();
  await hisLabel.image.focus();
  for (let at = 0; at < 60; at++) {
    await hisLabel.wantMore();
    await hisLabel.seen();
    const image = await hisLabel.shownId();
    const said = shapes.indexOf(ana.get(image)!);
    // He sees every fifth otherwise.
    const sees = at % 5 === 4 ? (said + 1) % 3 : said;
    await hisLabel.key(String(sees + 1));
    bySight.set(image, shapes[sees]!);
    if (at % 10 === 0) shown.push(await bens.content());
  }
  assert.equal(bySight.size, 60);
  await assertGoodEnd(ben);
  shown.push(await bens.content());

  // Nothing of hers came to him: no name, no note, no file, no label.
  for (const text of [...frames.map((frame) => JSON.stringify(frame)), ...shown])
    assert.doesNotMatch(text, /Ana|fever|\d\d\d\.png/);
  const told = frames.flatMap(bytesIn).flatMap((bytes) => [...tilesIn(bytes)]);
  assert(told.length >= 60);
  for (const { image, class: id } of told)
    assert(id === null || bySight.get(image) === nameOf.get(id), `a label of ${image} came to him`);

  await hisPeople.end();
  const grid = shapes.map((first) =>
    shapes.map((second) => [...ana].filter(([image, said]) => said === first && bySight.get(image) === second)),
  );
  const agreed = shapes.reduce((sum, _, at) => sum + grid[at]![at]!.length, 0) / 60;
  const chance = shapes.reduce((sum, _, at) => {
    const hers = grid[at]!.flat().length / 60;
    const his = grid.map((row) => row[at]!).flat().length / 60;
    return sum + hers * his;
  }, 0);
  const kappa = (agreed - chance) / (1 - chance);
  const says = pattern('label.second.agree', { agreed: 48, of: 60, kappa: kappa.toFixed(2) });
  assert.match((await hisPeople.agreement.textContent())!.trim(), says);
  for (const [row, first] of shapes.entries()) {
    for (const [column, second] of shapes.entries()) {
      const expected = grid[row]![column]!.map(([image]) => image);
      assert.equal((await hisPeople.cell(row, column).textContent())?.trim(), String(expected.length));
      if (row === column || expected.length === 0) continue;
      const said = { n: expected.length, one: 'Ana', first, other: 'Ben', second };
      const name = plural('label.second.cell', expected.length, said);
      await hisPeople.cell(row, column).getByRole('button', { name, exact: true }).click();
      const pairs = hisPeople.pairs(first, second);
      await pairs.first().waitFor();
      const open = await pairs.evaluateAll((all) => all.map((each) => each.getAttribute('src')!));
      assert.deepEqual(open.map((src) => Number(src.split('/')[3])).sort(), expected.sort());
    }
  }
  await assertGoodEnd(ben);
  await assertGoodEnd(app);
});

story('12: apply, review, export, offline', async (app) => {
  const { page, core } = app;
  const [results, apply] = [new Results(page), new Apply(page)];
  const project = await projectOf(app, 'cells');
  const all = kinds.length * perKind;
  await new Home(page, app.answer).open('cells');
  await results.show();
  await results.button('apply').click();
  await apply.named();
  assert.deepEqual(await apply.numbers().then(({ named, toReview }) => named + toReview), all);
  await apply.threshold(80);
  await assertGoodEnd(app);

  let confirmed = 0;
  for (const name of kinds) {
    await apply.called(name);
    if ((await apply.look(name, 40 - confirmed)) === 0) continue;
    const before = await apply.numbers();
    const seen = await apply.confirmSeen();
    await apply.done(plural('label.acts.confirm', seen));
    confirmed += seen;
    assert.equal((await apply.numbers()).toReview, before.toReview - seen);
    if (confirmed >= 40) break;
  }
  assert(confirmed >= 40, `${confirmed} of ${JSON.stringify(await apply.numbers())} were confirmed`);

  const before = await apply.numbers();
  const label = new Label(page);
  let fixed = 0;
  for (const [at, name] of kinds.entries()) {
    await apply.called(name);
    const other = (at + 1) % kinds.length;
    for (const open = apply.open(name); fixed < 3 && (await open.count()) > 0; fixed++) {
      await open.last().click();
      await label.saved(() => page.keyboard.press(String(other + 1)));
      await apply.done(plural('label.acts.set', 1, { value: kinds[other]! }));
    }
  }
  assert.equal(fixed, 3);
  const { toReview } = await apply.numbers();
  assert.equal(toReview, before.toReview - 3);
  await assertGoodEnd(app);

  const exports = (): Promise<number> =>
    core.call('audit.list', { project, rater: 'Ana', kind: 'export', limit: 1 }).then(({ count }) => count);
  const exported = await exports();
  await apply.tab('export');
  await page.getByText(plural('messages.export.unreviewed', toReview)).waitFor();
  const [header = '', ...rows] = readFileSync(await apply.save('predictions', app.saved), 'utf8')
    .trim()
    .split(/\r?\n/);
  const columns = header.replace(/^\uFEFF/, '').split(',');
  const decisions = rows.map((row) => row.split(',')[columns.indexOf('decision')]!);
  assert.equal(rows.length, all);
  assert.equal(decisions.filter((decision) => decision === 'undecided').length, toReview);
  assert.equal(decisions.filter((decision) => decision === 'reviewed').length, confirmed + fixed);
  const report = join(app.folder, 'report.html');
  cpSync(await apply.save('report', app.saved), report);
  await opensAlone(page, report);

  const models = join(app.folder, 'models');
  mkdirSync(models);
  await new Home(page, app.answer).pickAfter(models, apply.saving('model'));
  await page.getByText(pattern('apply.export.tried')).waitFor();
  const [folder = ''] = readdirSync(models);
  assert.deepEqual(readdirSync(join(models, folder)).sort(), [
    'classes.json',
    'model-card.md',
    'model.onnx',
    'predict.py',
    'test-image.json',
    'test-image.png',
  ]);

  await page.evaluate(() => (location.hash = '#/settings/audit'));
  await page.getByRole('button', { name: words('settings.diagnostics.verify') }).click();
  await page.locator('[data-verdict=ok]').waitFor();
  assert.equal(await exports(), exported + 3);
  assert.equal(await page.locator('[data-entry=export]').count(), exported + 3);
  const { ok, problems } = await core.call('audit.verify', { project, file: report });
  assert.deepEqual({ ok, problems }, { ok: true, problems: [] });
  await assertGoodEnd(app);
});

/** A file that needs nothing but itself: opened without scripts, nothing is asked for and its own policy holds. */
async function opensAlone(page: Page, file: string): Promise<void> {
  // The window has one context only.
  const context = await page.context().browser()?.newContext({ javaScriptEnabled: false });
  if (!context) return;
  const alone = await context.newPage();
  const seen = watch(alone);
  const url = pathToFileURL(file).href;
  await alone.goto(url);
  assert.ok((await alone.locator('svg').count()) > 3, 'its charts are there');
  assert.deepEqual(
    { ...seen, outside: seen.outside.filter((asked) => asked !== url) },
    { outside: [], complaints: [] },
  );
  await context.close();
}
