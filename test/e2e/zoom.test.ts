import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { assertUsable, settled, startApp, type App } from './app.ts';
import { Home } from './models/home.ts';
import { Images } from './models/images.ts';
import { Label } from './models/label.ts';
import { pattern, words } from './words.ts';

/** Who labels while nobody is named. */
const rater = 'me';
/** The window of 1280×800 at 200 %. */
const viewport = { width: 640, height: 400 };
/** A run of seconds, but not of fewer than a look at it takes; its scores mean nothing. */
const tiny = { epochs: 20, size: 32, maxImages: 16, batch: 16, seeds: 1, draws: 2, regime: 'probe' } as const;

describe('every place at 200 %', { timeout: 240_000 }, () => {
  let app: App;
  let project: string;
  let finished: Promise<{ run: string }>;

  before(async () => {
    app = await startApp({ viewport, isSmall: true });
  });
  after(() => app?.stop());

  const go = async (path: string): Promise<void> => {
    await app.page.goto(`${app.page.url().replace(/#.*$/, '')}#/${path}`);
    await settled(app.page);
  };
  const primary = (): Locator => app.page.locator('[data-primary]');

  /** A pointer gets to it: once scrolled to, nothing lies over its middle. */
  async function assertReached(what: Locator): Promise<void> {
    await what.first().waitFor();
    const covered = await what.evaluateAll((elements) =>
      elements.flatMap((element) => {
        element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const { left, top, width, height } = element.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        const isHit = hit !== null && (element.contains(hit) || (hit.closest('label')?.contains(element) ?? false));
        return isHit ? [] : [`${element.outerHTML.slice(0, 120)} is behind ${hit?.outerHTML.slice(0, 120)}`];
      }),
    );
    assert.deepEqual(covered, []);
  }

  /** All of it is there without moving the page sideways. */
  async function assertFits(...controls: Locator[]): Promise<void> {
    const { page } = app;
    await settled(page);
    const wider = await page.evaluate(() =>
      [document.scrollingElement!, document.querySelector('main')!]
        .filter((each) => each.scrollWidth > each.clientWidth)
        .map((each) => `${each.tagName} ${each.scrollWidth} > ${each.clientWidth}`),
    );
    assert.deepEqual(wider, [], 'nothing is wider than the window');
    for (const control of controls) await assertReached(control);
  }

  /** What the place shows has its room: only parts of it scroll. */
  async function assertStands(): Promise<void> {
    const main = await app.page
      .locator('main')
      .evaluate(({ scrollHeight, clientHeight }) => ({ scrollHeight, clientHeight }));
    assert.equal(main.scrollHeight, main.clientHeight);
  }

  test('Home and the ways in', async () => {
    const { page } = app;
    await assertFits(primary(), page.getByRole('main').getByRole('button'));
    await primary().click();
    const panel = page.getByRole('dialog', { name: words('app.picker.folder') });
    await assertFits(panel.getByRole('textbox'), panel.locator('button'));
    await assertUsable(page);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await new Home(page).trySample();
    project = /#\/p\/([^/]+)/.exec(page.url())![1]!;
    await go('');
    await assertFits(primary(), page.getByRole('article').getByRole('button'));
  });

  test('Adapt, before a run and while it goes on', async () => {
    const { page, core } = app;
    await go(`p/${project}/adapt`);
    await assertFits(primary(), page.getByRole('radio'), page.getByRole('main').getByRole('link').last());
    await assertUsable(page);
    // Goes on while the other places are looked at.
    finished = core.call('runs.start', { project, ...tiny });
    const running = page.getByRole('region', { name: words('adapt.run.title') });
    await running.waitFor();
    await assertFits(primary(), running.getByRole('button').first(), page.getByRole('main').getByRole('link').last());
  });

  test('Label, one image and many', async () => {
    const { page } = app;
    const label = new Label(page);
    await go(`p/${project}/label/suggested`);
    await label.seen();
    const strip = page.getByRole('group', { name: words('label.focus.strip') });
    const tools = page.getByRole('group', { name: words('label.tools.label') });
    await assertStands();
    await assertFits(
      primary(),
      label.classes.getByRole('button'),
      label.queue,
      tools.getByRole('radio'),
      tools.getByRole('button'),
      strip.locator('[aria-current=true]'),
    );
    const { width, height } = (await label.image.boundingBox())!;
    assert.ok(width >= 240 && height >= 160, `${width}×${height} for the image`);
    const [name] = await label.classes.locator('.name').all();
    assert.equal(await name!.innerText(), 'Basophil');
    assert.ok(await name!.evaluate((each) => each.scrollWidth <= each.clientWidth), 'the name of a class is whole');
    await label.image.focus();
    await page.keyboard.press('t');
    await assertReached(page.getByRole('textbox', { name: words('label.byName.label') }));
    await page.keyboard.press('Escape');

    await label.mode.getByRole('radio', { name: words('label.mode.grid') }).check();
    await label.grid.getByRole('gridcell').first().click();
    await page.keyboard.press('Shift+ArrowRight');
    const bar = page.getByRole('toolbar', { name: words('label.bar.label') });
    await assertReached(bar.getByRole('button'));
    await assertStands();
    await assertFits(label.grid.locator('[tabindex="0"]'), tools.getByRole('button'));
    await assertUsable(page);
  });

  test('Images: the tile with the ring is not behind the bar of what is selected', async () => {
    const { page } = app;
    const images = new Images(page);
    await go(`p/${project}/images`);
    await images.cell(/, 1 of \d+$/).click();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await images.selected(2);
    const [ring, bar] = await page.evaluate(() =>
      ['[role=gridcell]:focus', '[role=toolbar]'].map((part) => document.querySelector(part)!.getBoundingClientRect()),
    );
    assert.ok(ring!.top >= 0 && ring!.bottom <= bar!.top + 1, JSON.stringify({ ring, bar }));
    const filters = page.getByRole('group', { name: words('images.filter.label') });
    await assertStands();
    await assertFits(
      primary(),
      page.getByRole('navigation').getByRole('link'),
      filters.getByRole('button'),
      filters.getByRole('slider'),
      images.selection.getByRole('button'),
    );
    await assertUsable(page);
    await page.locator('[role=gridcell][tabindex="0"]').focus();
    await page.keyboard.press('m');
    const sides = page.getByRole('region', { name: words('images.compare.title', { n: 2 }) });
    await assertFits(sides.getByRole('button'), sides.getByRole('img'));
    await page.keyboard.press('Escape');
    await sides.waitFor({ state: 'detached' });

    await page.keyboard.press('ControlOrMeta+k');
    const list = page.getByRole('dialog', { name: words('commands.palette.title') }).getByRole('listbox');
    await assertFits(list.getByRole('option').last(), list.getByRole('option').first());
    await assertUsable(page);
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
  });

  test('Results: every tab, and the images behind a number', async () => {
    const { page } = app;
    for (const tab of ['summary', 'classes', 'confusions']) {
      await go(`p/${project}/results/shipped/${tab}`);
      const panel = page.getByRole('tabpanel');
      const content =
        tab === 'confusions' ? panel.locator('[role=gridcell][tabindex="0"]') : panel.locator('button').first();
      await assertFits(primary(), page.getByRole('tab'), content);
    }
    const grid = page.getByRole('grid', { name: words('results.confusions.label') });
    await grid
      .getByRole('gridcell', { name: pattern('results.confusions.cell') })
      .filter({ hasText: /\d/ })
      .first()
      .click();
    const strip = page.locator('.behind');
    await assertFits(strip.getByRole('gridcell').first(), strip.getByRole('button').first());
    await assertUsable(page);
  });

  test('Apply, every tab', async () => {
    const { page, core } = app;
    const { run } = await finished;
    const { batch } = await core.call('apply.begin', { project, rater, run });
    let at = await core.call('apply.get', { project, rater, batch });
    while (at.named < at.images) at = await core.call('apply.get', { project, rater, batch });
    for (const tab of ['review', 'thresholds', 'counts', 'export']) {
      await go(`p/${project}/apply/${run}/${tab}`);
      const panel = page.getByRole('tabpanel');
      await assertFits(primary(), page.getByRole('tab'), panel.getByRole(tab === 'thresholds' ? 'slider' : 'button'));
    }
    await assertUsable(page);
  });

  test('at 400 % nothing is wider than the window', async () => {
    const { page } = app;
    await page.setViewportSize({ width: 320, height: 200 });
    for (const path of ['', `p/${project}/images`, `p/${project}/label/suggested`, `p/${project}/results/shipped`]) {
      await go(path);
      await assertFits(primary(), page.getByRole('main').getByRole('button').last());
    }
    await go(`p/${project}/label/suggested`);
    await assertFits(new Label(page).classes.getByRole('button'));
    await page.setViewportSize(viewport);
  });

  test('Settings, every section, in German and the longest language', async () => {
    const { page, core } = app;
    for (const settings of [
      { language: 'de', theme: 'contrast' },
      { language: 'pseudo', theme: 'light' },
    ] as const) {
      await core.call('settings.change', settings);
      await page.locator(`html[data-theme=${settings.theme}]`).waitFor({ state: 'attached' });
      await go('settings/general');
      const links = page.locator('main nav a');
      await assertFits(primary(), links, page.locator('main select'));
    }
    await assertUsable(page);
    await core.call('settings.change', { language: 'en', theme: 'dark' });
    for (const section of ['people', 'keys', 'weights', 'storage', 'privacy']) {
      await go(`settings/${section}`);
      await assertFits(page.locator('main nav a'));
    }
  });
});
