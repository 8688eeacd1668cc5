import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { assertGoodEnd, assertUsable, settled, startApp, type App } from './app.ts';
import { copyFewImages } from './few-images.ts';
import { pattern, words } from './words.ts';

const rater = 'me';
const small = { draws: 2, epochs: 1, size: 32, seeds: 1, regime: 'probe', shots: 2 } as const;

/** Pixels that are not grey: all but the points is. */
async function saturated(picture: Buffer): Promise<number> {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
  let found = 0;
  for (let at = 0; at < data.length; at += info.channels) {
    const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
    // The ring around what has the focus is blue.
    if (Math.max(r, g, b) - Math.min(r, g, b) > 40 && !(b > r && g > r)) found += 1;
  }
  return found;
}

describe('the map of a small project', { timeout: 120_000 }, () => {
  let app: App;
  let project: string;
  before(async () => {
    app = await startApp({ isSmall: true });
    const { core, page } = app;
    const folder = join(app.folder, 'images');
    copyFewImages(folder, 24);
    const place = join(app.folder, 'map');
    await core.call('library.import', { folder, project: place });
    ({ project } = await core.call('projects.open', { project: place, rater }));
    const { run } = await core.call('runs.start', { project, ...small });
    await page.goto(`${page.url().split('#')[0]}#/p/${project}/results/${run}/map`);
    await settled(page);
  });
  after(() => app.stop());

  test('is made for both models; clusters and outlines open their images, and the keys of the classes label them', async () => {
    const { page, core } = app;
    const all = async (): Promise<void> => {
      await page.getByRole('button', { name: words('map.make') }).click();
      await page.getByRole('application', { name: pattern('map.label', { n: 72 }) }).waitFor();
      await page.locator('[data-drawn="72"]').waitFor();
      await settled(page);
    };
    await all();
    assert.equal(await page.locator('[data-note=sampled]').count(), 0);
    assert.ok(
      (await saturated(await page.locator('[role=application]').screenshot())) > 72,
      'points have their colours',
    );
    await assertUsable(page);

    // By the keyboard alone.
    const clusters = page.getByRole('region', { name: words('map.clusters.title') });
    const first = clusters.getByRole('button').first();
    const said = Number(/, (\d+) image/.exec((await first.getAttribute('aria-label'))!)![1]);
    await first.press('Enter');
    const part = (of: string, n: number) =>
      page.getByRole('region', { name: pattern('map.selection.title', { title: of, n }) });
    const opened = part(words('map.clusters.name', { at: 1 }), said);
    const tiles = opened.getByRole('gridcell');
    await tiles.first().waitFor();
    await settled(page);
    assert.equal(await tiles.count(), said);
    assert.equal(await tiles.first().evaluate((tile) => tile === document.activeElement), true);
    const classNames = (): Promise<string[]> =>
      tiles.evaluateAll((shown) => shown.map((tile) => tile.getAttribute('aria-label')!.split(',')[0]!));
    const before = await classNames();
    await opened.getByRole('button', { name: words('map.selection.all', { n: said }) }).press('Enter');
    await tiles.first().press('1');
    await settled(page);
    const { classes } = await core.call('projects.status', { project, rater });
    assert.deepEqual([...new Set(await classNames())], [classes[0]!.name]);
    await page.keyboard.press('ControlOrMeta+z');
    await settled(page);
    await page.waitForFunction(
      (name) => [...document.querySelectorAll('[role=gridcell]')].some((tile) => !tile.ariaLabel!.startsWith(name)),
      classes[0]!.name,
    );
    assert.deepEqual(await classNames(), before);
    await assertUsable(page);
    await opened.getByRole('button', { name: words('map.selection.close') }).press('Enter');
    assert.equal(await first.evaluate((button) => button === document.activeElement), true);

    // By the pointer: a box around everything.
    await page.getByText(words('map.tool.box'), { exact: true }).click();
    const box = (await page.getByRole('application').boundingBox())!;
    await page.mouse.move(box.x + 2, box.y + 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 3 });
    await page.mouse.up();
    await part(words('map.selection.outlined'), 72).getByRole('gridcell').first().waitFor();

    // After adaptation it is another map; both are kept.
    await page.getByText(words('map.arm.adapted'), { exact: true }).click();
    await all();
    // A browser without WebGL2 says so.
    await page.addInitScript(() => {
      const { getContext } = HTMLCanvasElement.prototype;
      const without = function (this: HTMLCanvasElement, kind: string, options?: object) {
        return kind === 'webgl2' ? null : (Reflect.apply(getContext, this, [kind, options]) as unknown);
      };
      HTMLCanvasElement.prototype.getContext = without as typeof getContext;
    });
    await page.reload();
    await settled(page);
    await page.locator('[data-drawn="72"]').waitFor();
    await page.locator('[data-note=sampled]').waitFor();
    assert.ok((await saturated(await page.locator('[role=application]').screenshot())) > 72);
    await assertGoodEnd(app);
  });
});
