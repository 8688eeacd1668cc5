import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Locator } from 'playwright-core';
import sharp from 'sharp';
import { assertGoodEnd, assertUsable, settled, startApp, type App } from './app.ts';
import { strongestPlaces, verdictOf } from '../../src/findings/why.ts';
import { Apply } from './models/apply.ts';
import { Home } from './models/home.ts';
import { Label } from './models/label.ts';
import { pattern, plural, words } from './words.ts';

/** Small enough that a run takes seconds; its scores mean nothing. */
const tiny = { size: 32, maxImages: 48, batch: 16, seeds: 1, draws: 2, regime: 'probe' } as const;
/** So many that the run is not over before it is paused. */
const passes = 12;
const rater = 'sample';

describe('Adapt, Results and Apply of the sample library', { timeout: 400_000 }, () => {
  let app: App;
  let project: string;
  let run: string;
  const go = async (path: string): Promise<void> => {
    await app.page.goto(`${app.page.url().replace(/#.*$/, '')}#/p/${project}/${path}`);
    await settled(app.page);
  };
  const drawn = (chart: Locator): Locator => chart.locator('svg path');
  const focusedName = (): Promise<string> =>
    app.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');

  before(async () => {
    app = await startApp({ isSmall: true });
    await new Home(app.page).trySample();
    project = /#\/p\/([^/]+)/.exec(app.page.url())![1]!;
    let isAsked = false;
    const { core } = app;
    const paused = await core.call(
      'runs.start',
      { project, epochs: passes, ...tiny },
      {
        onProgress: ({ pass }) => {
          if (isAsked || pass === undefined || pass[0] < 3) return;
          isAsked = true;
          void core.call('runs.pause', { project });
        },
      },
    );
    assert.equal(paused.outcome, 'paused');
    ({ run } = paused);
  });
  after(() => app.stop());

  test('the charts of a run that stands still are drawn, answer the pointer, and are tables too', async () => {
    const { page, core } = app;
    await go('adapt');
    const { monitor } = await core.call('runs.health', { project, run });
    const rows = monitor.find((each) => each.length > 0)!;
    for (const value of ['embeddingStd', 'loss'] as const) {
      const label = words(`adapt.monitor.${value}`);
      const chart = page.getByRole('img', { name: new RegExp(`^${label}\\. `) });
      await drawn(chart).first().waitFor({ state: 'attached' });
      const before = await drawn(chart).count();
      await chart.hover();
      // The hint is drawn in the picture: more of it is there while the pointer is.
      await page.waitForFunction(([ground, before]) => ground!.querySelectorAll('svg path').length > Number(before), [
        await chart.elementHandle(),
        before,
      ] as const);
      const table = page.getByRole('region', { name: label, exact: true });
      const asTable = page.getByRole('button', { name: `${words('adapt.monitor.asTable')}: ${label}` });
      await asTable.press('Enter');
      const known = rows.filter((row) => row[value] !== null);
      assert.equal(await table.getByRole('row').count(), 1 + known.length);
      await asTable.press('Enter');
      await chart.waitFor();
    }
    const chart = page.getByRole('img', { name: new RegExp(`^${words('adapt.monitor.embeddingStd')}\\. `) });
    const width = async (): Promise<number> => Number(await chart.locator('svg').getAttribute('width'));
    const wide = await width();
    await page.setViewportSize({ width: 1000, height: 800 });
    await page.waitForFunction(
      ([ground, wide]) => Number(ground!.querySelector('svg')?.getAttribute('width')) < Number(wide),
      [await chart.elementHandle(), wide] as const,
    );
    await page.setViewportSize({ width: 1280, height: 800 });
    await assertGoodEnd(app);
  });

  test('how far it came stays on the screen, also for who comes later', async () => {
    const { page, core } = app;
    const { runs } = await core.call('runs.list', { project });
    const { fraction } = runs.find(({ id }) => id === run)!;
    assert.ok(fraction > 0.01, 'it came some way');
    const panel = page.getByRole('region', { name: words('adapt.run.title') });
    await panel.getByText(`${Math.floor(100 * fraction)}%`, { exact: true }).waitFor();
    const at = panel.getByRole('list', { name: words('adapt.run.stages') }).locator('[aria-current=step]');
    assert.match((await at.textContent()) ?? '', new RegExp(words('adapt.stage.adapt')));
  });

  test('every number of the classes opens the images it counts', async () => {
    const { page, core } = app;
    await go('results/shipped/classes');
    const { classes, counts } = await core.call('results.confusion', { project, run: 'shipped', arm: 'adapted' });
    const index = classes.indexOf('Lymphocyte');
    const of = counts[index]!.reduce((sum, n) => sum + n, 0);
    const called = counts.reduce((sum, row) => sum + row[index]!, 0);
    const all = counts.flat().reduce((sum, n) => sum + n, 0);
    const expected = {
      found: of,
      right: called,
      balance: of + called - counts[index]![index]!,
      ranking: all,
    };
    const row = page.getByRole('row', { name: /Lymphocyte/ });
    for (const [measure, images] of Object.entries(expected)) {
      await row
        .getByRole('button', { name: new RegExp(`^${words(`results.classes.${measure}`)}, Lymphocyte`) })
        .click();
      const strip = page.getByRole('region', { name: new RegExp(`— ${images} images$`) });
      await strip.waitFor();
    }
    await assertGoodEnd(app);
  });

  test('the difference and both ways of counting open the images they rest on', async () => {
    const { page, core } = app;
    await go('results/shipped/summary');
    const { onlyRight } = await core.call('results.context', { project, run: 'shipped' });
    const right = await Promise.all(
      (['plain', 'adapted'] as const).map(async (arm) => {
        const { counts } = await core.call('results.confusion', { project, run: 'shipped', arm });
        return counts.reduce((sum, row, i) => sum + row[i]!, 0);
      }),
    );
    assert.equal(onlyRight.adapted - onlyRight.plain, right[1]! - right[0]!);
    const summary = page.getByRole('tabpanel', { name: words('results.tabs.summary') });
    const opens = async (key: string, title: string, images: number, named = {}): Promise<void> => {
      await summary.getByRole('button', { name: pattern(key, named) }).click();
      const strip = page.getByRole('region', { name: plural('results.behind.title', images, { title }), exact: true });
      await strip.waitFor();
    };
    const either = words('results.behind.eitherOfTwo');
    await opens('results.openDifference', either, onlyRight.adapted + onlyRight.plain);
    for (const arm of ['adapted', 'plain'] as const) {
      const title = words('results.behind.only', { arm: words(`results.arm.${arm}`) });
      await opens(`results.difference.only.${arm}`, title, onlyRight[arm]);
    }
    for (const name of ['accuracy', 'balancedAccuracy']) {
      const measure = words(`results.measure.${name}`);
      const named = { measure, title: words('results.arm.adapted') };
      await opens('results.openCorrectOf', words('results.behind.correct'), right[1]!, named);
      await opens('results.openDifferenceOf', either, onlyRight.adapted + onlyRight.plain, { measure });
    }
    await assertGoodEnd(app);
  });

  test('Confusions are walked, opened and left with the keyboard alone', async () => {
    const { page, core } = app;
    await go('results/shipped/summary');
    const { classes, counts } = await core.call('results.confusion', { project, run: 'shipped', arm: 'adapted' });
    const cell = (truth: number, called: number): string => {
      const images = counts[truth]![called]!;
      const share = Math.round((100 * images) / counts[truth]!.reduce((sum, n) => sum + n, 0));
      const key = truth === called ? 'results.confusions.cellRight' : 'results.confusions.cell';
      return plural(key, images, { truth: classes[truth]!, called: classes[called]!, share: `${share}%` });
    };
    await page.getByRole('tab', { name: words('results.tabs.summary') }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const grid = page.getByRole('grid', { name: words('results.confusions.label') });
    await grid.waitFor();
    await settled(page);
    for (let tabs = 0; tabs < 10 && (await focusedName()) !== cell(0, 0); tabs++) await page.keyboard.press('Tab');
    const last = classes.length - 1;
    const walk: readonly [key: string, truth: number, called: number][] = [
      ['ArrowUp', 0, 0],
      ['ArrowRight', 0, 1],
      ['ArrowDown', 1, 1],
      ['ArrowLeft', 1, 0],
      ['End', 1, last],
      ['ArrowRight', 1, last],
      ['Home', 1, 0],
      ['Control+End', last, last],
      ['Control+Home', 0, 0],
    ];
    assert.equal(await focusedName(), cell(0, 0));
    for (const [key, truth, called] of walk) {
      await page.keyboard.press(key);
      assert.equal(await focusedName(), cell(truth, called), key);
    }
    assert.equal(await grid.getByRole('columnheader').count(), classes.length + 1);
    assert.equal(await grid.getByRole('rowheader').count(), classes.length);
    assert.equal(await grid.locator('[role=gridcell][tabindex="0"]').count(), 1);

    const most = Math.max(...counts.flatMap((row, truth) => row.filter((_, called) => called !== truth)));
    await page.keyboard.press('j');
    const worst = await focusedName();
    assert.match(worst, new RegExp(`: ${most} images, `));
    await page.keyboard.press('Enter');
    const strip = page.getByRole('region', { name: new RegExp(`— ${most} images$`) });
    await strip.waitFor();
    await settled(page);
    await strip.getByRole('gridcell').first().waitFor();
    assert.equal(await strip.getByRole('gridcell').count(), most);
    await page.waitForFunction(() => document.activeElement?.closest('.behind') !== null);
    await page.keyboard.press('Escape');
    await strip.waitFor({ state: 'detached' });
    assert.equal(await focusedName(), worst, 'back at the cell that was opened');
    await assertGoodEnd(app);
  });

  test('a finished run can be applied, and what a threshold does is drawn and a table', async () => {
    const { page, core } = app;
    const end = await core.call('runs.resume', { project, run });
    assert.equal(end.outcome, 'finished');
    const batch = await core.call('apply.begin', { project, rater: 'sample', run });
    await go(`apply/${run}/thresholds`);
    const chart = page.getByRole('img', { name: new RegExp(`^${words('apply.threshold.chart')}\\. `) });
    await drawn(chart).first().waitFor({ state: 'attached' });
    await chart.hover();
    await page.getByRole('button', { name: new RegExp(`^${words('apply.threshold.asTable')}`) }).press('Enter');
    const table = page.getByRole('region', { name: words('apply.threshold.chart'), exact: true });
    assert.equal(await table.getByRole('row').count(), 51);

    const lymphocyte = page.getByRole('row', { name: /Lymphocyte/ });
    const reset = lymphocyte.getByRole('button', { name: words('apply.threshold.resetOf', { class: 'Lymphocyte' }) });
    assert.equal(await reset.count(), 0);
    await lymphocyte.getByRole('button', { name: pattern('apply.threshold.less') }).click();
    await reset.click();
    await reset.waitFor({ state: 'detached' });
    const { perClass } = await core.call('apply.get', { project, rater: 'sample', batch: batch.batch });
    assert.ok(perClass.every(({ threshold }) => threshold === null));
    await assertGoodEnd(app);
  });

  test('Trust and Compare runs are drawn, and their numbers open the images they count; a curve of few images guesses nothing', async () => {
    const { page, core } = app;
    await go(`results/${run}/trust`);
    const { arms, deployed, curve } = await core.call('results.get', { project, run });
    const { bins, fit } = await core.call('results.trust', { project, run, arm: deployed });
    // So few labels correct nothing, and that is said.
    assert.deepEqual([bins.after, fit?.after], [null, null]);
    await page.getByText(words('trust.notFitted')).waitFor();
    const table = page.getByRole('region', { name: words('trust.reliability.caption'), exact: true });
    const strip = (images: number): Locator => page.getByRole('region', { name: new RegExp(`— ${images} images?$`) });
    for (const [at, { images }] of bins.before!.entries()) {
      await table
        .getByRole('row')
        .nth(at + 1)
        .getByRole('button')
        .first()
        .click();
      await strip(images).waitFor();
    }
    // A point of the diagram is the same as its row.
    const diagram = page.getByRole('img', { name: new RegExp(`^${words('trust.reliability.caption')}\\. `) });
    await drawn(diagram).first().waitFor({ state: 'attached' });
    await assertGoodEnd(app);

    // Held out in turn: each split has its curve, and so few images are no ground for a guess.
    const { points, outlook } = curve![deployed]!;
    assert.equal(outlook, null);
    await go(`results/${run}/more`);
    await page.getByText(words('more.tooFew')).first().waitFor();
    const learned = page.getByRole('img', { name: new RegExp(`^${words('more.title').replace('?', '\\?')}`) });
    await drawn(learned)
      .nth(points.length - 1)
      .waitFor({ state: 'attached' });
    await assertGoodEnd(app);

    await go(`results/${run}/compare`);
    const score = arms[deployed].accuracy.mean;
    const row = page.locator(`[data-run="${run}"]`);
    await row.getByRole('button', { name: new RegExp(`^${Math.round(100 * score)} `) }).click();
    await page.getByRole('region', { name: pattern('compare.behind.right') }).waitFor();
    // The shipped run is of other labels.
    await page.locator('[data-run="shipped"] [data-unpaired=training]').waitFor();
    await assertGoodEnd(app);
  });

  test('an image behind a number is opened, the model asked why, its map tested and explained, and all of it left by Escape', async () => {
    const { page, core } = app;
    const open = async (of: string): Promise<void> => {
      await go(`results/${of}/confusions`);
      const grid = page.getByRole('grid', { name: words('results.confusions.label') });
      await grid.locator('[role=gridcell]:not(.none)').first().click();
      const strip = page.getByRole('grid', { name: pattern('results.behind.title') });
      await strip.getByRole('gridcell').first().waitFor();
      await settled(page);
      await page.waitForFunction(() => document.activeElement?.closest('.behind') !== null);
      await page.keyboard.press('Enter');
      await page.locator('[data-scope=viewer]').waitFor();
      await page.keyboard.press('w');
    };
    const panel = page.getByRole('complementary', { name: words('why.title') });
    await open('shipped');
    await panel.locator('[data-code="why.shipped"]', { hasText: words('messages.why.shipped') }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');

    await open(run);
    await panel.and(page.locator('[data-verdict]')).waitFor();
    const focused = await page.locator('.behind [role=gridcell][tabindex="0"]').getAttribute('data-image');
    const { deployed } = await core.call('results.get', { project, run });
    const why = await core.call('images.why', { project, rater, run, arm: deployed, image: Number(focused) });
    await panel.locator(`[data-note=why-${verdictOf(why)}]`).waitFor();
    if (verdictOf(why) === 'fails') {
      assert.equal(await page.locator('[data-why]').count(), 0, 'what is not to be trusted is shown to nobody unasked');
      await panel.getByRole('button', { name: words('why.force') }).click();
    }
    await panel.getByText(words('why.for', { class: why.classes[why.class]! })).waitFor();
    await panel.getByText(words('why.meaning', { class: why.classes[why.class]! })).waitFor();
    const shown = await panel.locator('.near img').evaluateAll((all) => all.map((each) => each.getAttribute('src')!));
    assert.deepEqual(
      shown.map((src) => Number(src.split('/')[3])),
      why.near.map((each) => each.image),
    );
    // The cell that is named first lies over the part of the picture it tells of.
    const [place] = strongestPlaces(why);
    if (place) {
      const [cell, picture] = await page.locator('.stage').evaluate((stage) => {
        const { naturalWidth, naturalHeight } = stage.querySelector('img')!;
        const room = stage.getBoundingClientRect();
        const scale = Math.min(room.width / naturalWidth, room.height / naturalHeight);
        const [width, height] = [naturalWidth * scale, naturalHeight * scale];
        const left = room.x + (room.width - width) / 2;
        const top = room.y + (room.height - height) / 2;
        const { x, y } = stage.querySelector('.place rect')!.getBoundingClientRect();
        return [
          { x, y },
          { left, top, width, height },
        ] as const;
      });
      assert.ok(Math.abs(cell.x - picture.left - (place.column * picture.width) / why.columns) < 2);
      assert.ok(Math.abs(cell.y - picture.top - (place.row * picture.height) / why.rows) < 2);
    }
    await assertGoodEnd(app);

    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.locator('[data-scope=viewer]').waitFor({ state: 'detached' });
    await page.waitForFunction((image) => document.activeElement?.getAttribute('data-image') === image, focused);
  });

  test('Counts tell how many of each class, and what share of the images that are decided', async () => {
    const { page, core } = app;
    let status = await core.call('projects.status', { project, rater });
    while (status.applied?.named !== status.images) status = await core.call('projects.status', { project, rater });
    await go(`apply/${run}/counts`);
    const { classes, rows } = await core.call('apply.counts', { project, rater, batch: status.applied!.batch });
    const [all] = rows;
    assert.equal(
      all!.counts.reduce((sum, n) => sum + n, all!.undecided),
      all!.images,
    );
    const cells = page.getByRole('row', { name: words('apply.counts.all') }).getByRole('cell');
    for (const [index, name] of classes.entries()) {
      const [images, [low, high]] = [all!.counts[index]!, all!.ranges[index]!];
      const share = images / (all!.images - all!.undecided);
      assert.ok(low <= share && share <= high, `the range of ${name} holds its share`);
      const said = `${images} ${Math.round(100 * share)}% (${Math.round(100 * low)}–${Math.round(100 * high)})`;
      assert.equal((await cells.nth(1 + index).innerText()).replaceAll(/\s+/g, ' '), said);
    }
    await assertGoodEnd(app);
  });

  test('a folder of another kind says so; 30 of it are labelled without the guess, the unlike ones are listed first', async () => {
    const { page, core, folder } = app;
    const other = join(folder, 'another scanner');
    mkdirSync(other);
    for (let i = 0; i < 32; i++) {
      const image = sharp({ create: { width: 16, height: 16, channels: 3, background: { r: i, g: 0, b: 255 } } });
      await image.png().toFile(join(other, `${i}.png`));
    }
    const { batch } = await core.call('apply.begin', { project, rater, run, folder: other });
    const told = () => core.call('apply.get', { project, rater, batch });
    while ((await told()).state === 'naming');
    assert.equal((await told()).unlike?.told?.images, 32);
    await go(`apply/${run}/review`);
    const batches = page.getByRole('combobox', { name: words('apply.batch.label') });
    await batches.selectOption({ index: 0 });
    await page.getByText(pattern('apply.unlike.far')).waitFor();
    const pile = (n: number): Locator => page.getByRole('grid', { name: plural('apply.unlike.head', n), exact: true });
    await pile(32).waitFor();

    await page.getByRole('button', { name: words('apply.unlike.sample', { check: 30 }) }).press('Enter');
    const sample = page.getByRole('grid', { name: plural('apply.unlike.sampleHead', 30) }).getByRole('gridcell');
    await sample.first().waitFor();
    // The grid has its name before the pile's last tiles have gone.
    await sample.nth(30).waitFor({ state: 'detached' });
    assert.equal(await sample.and(page.getByRole('gridcell', { name: pattern('apply.unlike.tile') })).count(), 30);
    await page.waitForFunction(() => document.activeElement?.matches('[data-scope=review] [role=gridcell]') === true);
    await page.keyboard.press('1');
    await page.getByText(pattern('apply.unlike.sampleSays', { n: 1 })).waitFor();
    await assertGoodEnd(app);

    const message = page.locator('[data-code="predict.unlike"]');
    await message.getByText(plural('messages.predict.unlike', 31), { exact: true }).waitFor();
    await message.getByRole('button', { name: words('messages.actions.apply.unlike') }).press('Enter');
    await pile(31).waitFor();
    await batches.selectOption({ index: 1 });
    await assertGoodEnd(app);
  });

  test('what the model named is fixed in place, taken back, done again, and left for the next class by keys', async () => {
    const { page, core } = app;
    await go(`apply/${run}/review`);
    const { batches } = await core.call('apply.list', { project, rater });
    const { perClass } = batches.find(({ folder }) => folder === null)!;
    await new Apply(page).called(perClass.toSorted((a, b) => b.toReview - a.toReview)[0]!.class);
    const cells = page.getByRole('grid', { name: pattern('apply.review.head') }).getByRole('gridcell');
    const shown = (): Promise<(string | null)[]> =>
      cells.evaluateAll((all) => all.map((each) => each.getAttribute('data-image')));
    await cells.first().waitFor();
    const before = await shown();
    const image = Number(before[0]);
    const history = async (): Promise<string[]> =>
      (await core.call('images.details', { project, rater, image })).history.map(({ kind }) => kind);
    const earlier = await history();
    const { classes } = await core.call('projects.status', { project, rater });
    const label = classes[0]!.name;
    const said = plural('label.acts.set', 1, { value: label });
    const fixed = cells
      .first()
      .and(page.getByRole('gridcell', { name: pattern('apply.review.tileLabelled', { label }) }));

    await cells.first().click();
    await page.keyboard.down('1');
    await page.keyboard.down('1');
    await page.keyboard.up('1');
    await fixed.waitFor();
    await page.getByRole('group', { name: said, exact: true }).waitFor();
    assert.deepEqual(await shown(), before, 'it stays in its place');
    assert.equal((await history()).length, earlier.length + 1, 'a key that is held labels once');
    await page.keyboard.press('ControlOrMeta+z');
    const bar = page.getByRole('group', { name: pattern('label.acts.undone', { said }) });
    await bar.waitFor();
    await fixed.waitFor({ state: 'detached' });
    await bar.getByRole('button', { name: words('label.acts.redo') }).click();
    await fixed.waitFor();
    await cells.first().focus();
    await page.keyboard.press('ControlOrMeta+z');
    await fixed.waitFor({ state: 'detached' });
    assert.deepEqual(await shown(), before);

    const viewer = page.locator('[data-scope=viewer]');
    await cells.first().dblclick();
    await viewer.getByRole('button', { name: words('why.title') }).waitFor();
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });
    await page.waitForFunction((id) => document.activeElement?.getAttribute('data-image') === `${id}`, image);

    await page.keyboard.press('.');
    await page.waitForFunction((id) => document.querySelector(`[data-image="${id}"]`) === null, image);
    await settled(page);
    await page.waitForFunction(() => document.activeElement?.matches('[data-scope=review] [role=gridcell]') === true);
    await assertGoodEnd(app);
  });

  test('while W is held: what the model thinks, and the labelled images most like it; a label given then is marked', async () => {
    const { page, core } = app;
    while ((await core.call('projects.status', { project, rater })).looking !== null);
    await go('label/suggested');
    const label = new Label(page);
    await label.seen();
    await label.image.focus();
    const beside = async () =>
      (await core.call('images.nearLabelled', { project, rater, image: await label.shownId() })).images;
    // A check image gets a word of its own: nothing is shown beside it.
    while ((await beside()).length === 0) {
      await page.keyboard.press('ArrowRight');
      await label.seen();
    }
    await page.keyboard.down('w');
    const near = page.getByRole('list', { name: words('label.focus.nearest') });
    const guesses = page.getByRole('list', { name: words('label.focus.guesses') });
    await guesses.waitFor();
    await near.waitFor();
    assert.equal(await guesses.getByRole('listitem').count(), 2);
    const images = await beside();
    const shown = await near.getByRole('img').evaluateAll((all) => all.map((each) => each.getAttribute('src')!));
    assert.deepEqual(
      shown.map((src) => Number(src.split('/')[3])),
      images.map((each) => each.image),
    );
    assert.equal(images.length, 4);
    await assertUsable(page);
    await page.keyboard.up('w');
    await near.waitFor({ state: 'detached' });
    const saved = Number(await page.locator('body').getAttribute('data-saved-seq'));
    await label.key('1');
    await page.waitForFunction((before) => Number(document.body.dataset['savedSeq']) > before, saved);
    const { folder } = await core.call('projects.status', { project, rater });
    const db = new Database(join(folder!, 'project.db'), { readonly: true });
    const last = db.prepare(`SELECT payload FROM audit WHERE kind = 'labels' ORDER BY seq DESC`).pluck().get();
    db.close();
    assert.equal((JSON.parse(String(last)) as { guessShown?: boolean }).guessShown, true);
  });

  test('where labels given since were learned from, an update leads to adapting anew, and says why', async () => {
    const { page, core } = app;
    // Of each class as many as can be learned from, among the images the run adapted to.
    let status = await core.call('projects.status', { project, rater });
    const { adapt } = JSON.parse(readFileSync(join(status.folder!, 'runs', run, 'manifest.json'), 'utf8')) as {
      adapt: number[];
    };
    const { view } = await core.call('view.open', { project, rater, filter: { labelled: false } });
    for (const image of adapt) {
      const needed = status.classes.find(({ training }) => training < 5);
      if (!needed) break;
      if ((await core.call('view.find', { project, rater, view, image })).at === null) continue;
      const value = { class: needed.name };
      await core.call('labels.set', { project, rater, target: { images: [image] }, value });
      status = await core.call('projects.status', { project, rater });
    }
    assert.ok(status.classes.every(({ training }) => training >= 5));
    await go(`results/${run}/summary`);
    const name = plural('app.primary.stale', status.changedLabels);
    const update = page.getByRole('banner').getByRole('button', { name, exact: true });
    await update.click();
    await page.waitForURL((url) => url.hash.includes('/adapt'));
    await page.locator('[data-code="run.learnedFrom"]').waitFor();
    const { runs } = await core.call('runs.list', { project });
    assert.deepEqual(
      runs.filter(({ kind }) => kind === 'finetune'),
      [],
    );
    await assertGoodEnd(app);
  });

  test('all of it can be used in German, in high contrast and in the light', async () => {
    const { page, core } = app;
    const places = [
      'adapt',
      ...['summary', 'classes', 'confusions', 'trust', 'more', 'compare'].map((tab) => `results/${run}/${tab}`),
      ...['review', 'thresholds', 'counts', 'export'].map((tab) => `apply/${run}/${tab}`),
    ];
    for (const settings of [
      { language: 'de', theme: 'contrast' },
      { language: 'de', theme: 'light' },
    ] as const) {
      await core.call('settings.change', settings);
      await page.locator(`html[lang=de][data-theme=${settings.theme}]`).waitFor({ state: 'attached' });
      for (const place of places) {
        await go(place);
        await assertGoodEnd(app);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(overflow, 0, place);
      }
    }
  });
});
