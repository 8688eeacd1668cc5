import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertGoodEnd, settled, startApp, type App } from './app.ts';
import { copyFewImages } from './few-images.ts';
import { Home } from './models/home.ts';
import { Images } from './models/images.ts';
import { pattern, words } from './words.ts';

const rater = 'me';
let app: App;
let id: string;
let second: string;

const to = (page: Page, project: string, rest = 'images'): Promise<unknown> =>
  page.goto(`${page.url().split('#')[0]}#/p/${project}/${rest}`);
const seat = (): { project: string; rater: string } => ({ project: id, rater });

/** What of a call a test looks at. */
interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A page of its own whose calls are seen before they go on to core. */
async function pageWithCalls(onCall: (call: Call) => void): Promise<Page> {
  const context = await app.page
    .context()
    .browser()!
    .newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.routeWebSocket(/\/rpc$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      const frame = JSON.parse(String(text)) as { t: string; name: string; input: Call['input'] };
      if (frame.t === 'call') onCall({ name: frame.name, input: frame.input });
      server.send(text);
    });
  });
  await page.goto(app.http.link(null));
  await settled(page);
  return page;
}

before(async () => {
  app = await startApp({ isSmall: true });
  const folder = join(app.folder, 'images');
  copyFewImages(folder, 40);
  const make = async (name: string): Promise<string> => {
    const project = join(app.folder, name);
    await app.core.call('library.import', { folder, project, groups: '{group}_*', layout: 'flat' });
    return (await app.core.call('projects.open', { project, rater })).project;
  };
  [id, second] = [await make('first'), await make('second')];
  await app.core.call('classes.add', { ...seat(), name: 'Platelet' });
});
after(() => app?.stop());

describe('a list of images', { timeout: 240_000 }, () => {
  for (const name of ['projects.open', 'view.open', 'view.window']) {
    test(`is there though core was killed as it got ${name}`, async () => {
      let isArmed = true;
      const page = await pageWithCalls((call) => {
        if (!isArmed || call.name !== name) return;
        isArmed = false;
        process.kill(app.host.pid('core')!, 'SIGKILL');
      });
      await to(page, id);
      const images = new Images(page);
      await images.grid.getByRole('gridcell').first().waitFor();
      await images.cell(/, 1 of 120$/).waitFor();
      assert.equal(isArmed, false);
      assert.deepEqual(await page.locator('[data-code="process.died"]').count(), 0, 'it passed by itself');
      await page.context().close();
    });
  }

  test('is closed in core when another project is opened', async () => {
    const opened: { project: string; view: number }[] = [];
    const page = await pageWithCalls(({ name, input }) => {
      if (name === 'view.window') opened.push({ project: String(input['project']), view: Number(input['view']) });
    });
    await to(page, id);
    const images = new Images(page);
    await images.cell(/, 1 of 120$/).waitFor();
    await settled(page);
    const { view } = opened.findLast(({ project }) => project === id)!;
    await app.core.call('view.window', { ...seat(), view, from: 0, count: 1 });
    await to(page, second);
    await page.waitForFunction((project) => location.hash.includes(project), second);
    await images.cell(/, 1 of 120$/).waitFor();
    await settled(page);
    assert.ok(opened.some(({ project }) => project === second));
    await assert.rejects(app.core.call('view.window', { ...seat(), view, from: 0, count: 1 }), {
      code: 'view.unknown',
    });
    await page.context().close();
  });
});

describe('the grid under a pointer', { timeout: 240_000 }, () => {
  let images: Images;
  let page: Page;
  const at = (place: number) => images.cell(new RegExp(`, ${place} of 120$`));
  before(async () => {
    ({ page } = app);
    images = new Images(page);
    await to(page, id);
    await at(1).waitFor();
    await settled(page);
  });

  test('a click is the current one, Shift a range, Ctrl one more or less', async () => {
    await at(3).click();
    await images.selected(0);
    assert.equal(await at(3).evaluate((element) => element === document.activeElement), true);
    await at(6).click({ modifiers: ['Shift'] });
    await images.selected(4);
    await at(9).click({ modifiers: ['ControlOrMeta'] });
    await images.selected(5);
    await at(4).click({ modifiers: ['ControlOrMeta'] });
    await images.selected(4);
    await page.keyboard.press('Escape');
    await images.selected(0);
  });

  test('a box drawn from the ground takes what it touches', async () => {
    const [first, last] = [await images.middleOf(1), await images.middleOf((await images.columns()) + 3)];
    // Between two tiles is ground.
    const right = await images.middleOf(2);
    await page.mouse.move((first.x + right.x) / 2, first.y);
    await page.mouse.down();
    await page.mouse.move(last.x, last.y, { steps: 4 });
    await page.mouse.up();
    await images.selected(4);
    await page.keyboard.press('Escape');
    await images.selected(0);
  });

  test('a lasso takes the tiles whose middle it holds', async () => {
    await at(1).focus();
    await page.keyboard.press('l');
    const [a, b] = [await images.middleOf(2), await images.middleOf(4)];
    await page.mouse.move(a.x - 20, a.y - 20);
    await page.mouse.down();
    for (const [x, y] of [
      [b.x + 20, b.y - 20],
      [b.x + 20, b.y + 20],
      [a.x - 20, a.y + 20],
    ] as const) {
      await page.mouse.move(x, y, { steps: 3 });
    }
    await page.mouse.up();
    await images.selected(3);
    await page.keyboard.press('v');
    await page.keyboard.press('Escape');
    await images.selected(0);
  });

  test('the wheel scrolls, and with Ctrl changes the size', async () => {
    const columns = await images.columns();
    const middle = await images.middleOf(2);
    await page.mouse.move(middle.x, middle.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, 100);
    await page.waitForFunction(
      (before) => Number(document.querySelector('[role=grid]')?.getAttribute('aria-colcount')) > before,
      columns,
    );
    await page.mouse.wheel(0, -100);
    await page.waitForFunction(
      (before) => Number(document.querySelector('[role=grid]')?.getAttribute('aria-colcount')) === before,
      columns,
    );
    await page.keyboard.up('Control');
    await page.mouse.wheel(0, 100_000);
    await at(120).waitFor();
    await page.mouse.wheel(0, -100_000);
    await at(1).waitFor();
  });

  test('the menu of the secondary button has the commands and their keys', async () => {
    await at(5).click({ button: 'right' });
    const menu = page.getByRole('menu', { name: words('grid.menu.label') });
    await menu
      .getByRole('menuitem', { name: words('commands.look.similar') })
      .filter({ hasText: /F$/ })
      .waitFor();
    await menu.getByRole('menuitem', { name: words('grid.menu.as') }).press('ArrowRight');
    await page.getByRole('menuitem', { name: words('commands.label.asNamed', { name: 'Platelet' }) }).click();
    await images.cell(/^Platelet.*, 5 of 120$/).waitFor();
    await page.keyboard.press('ControlOrMeta+z');
    await images.cell(/^(?!Platelet).*, 5 of 120$/).waitFor();
    await assertGoodEnd(app);
  });

  test('two to four images are compared, and labelled, side by side', async () => {
    await at(2).click();
    await at(7).click({ modifiers: ['ControlOrMeta'] });
    await at(2).click({ modifiers: ['ControlOrMeta'] });
    await images.selected(2);
    await page.keyboard.press('m');
    const sides = page.getByRole('region', { name: words('images.compare.title', { n: 2 }) });
    await sides.waitFor();
    assert.equal(await sides.getByRole('img').count(), 2);
    await assertGoodEnd(app);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('1');
    await sides
      .getByRole('figure')
      .nth(1)
      .getByText(/^Platelet, 7 of 120$/)
      .waitFor();
    await sides
      .getByRole('figure')
      .nth(0)
      .getByText(/^(?!Platelet).*, 2 of 120$/)
      .waitFor();
    await page.keyboard.press('Escape');
    await sides.waitFor({ state: 'detached' });
    await page.keyboard.press('ControlOrMeta+z');
    await images.cell(/^(?!Platelet).*, 7 of 120$/).waitFor();
    await page.keyboard.press('Escape');
    await images.selected(0);
  });

  test('what is known of an image is shown and hidden, and its like is a step one can go back', async () => {
    await at(3).click();
    await page.keyboard.press('i');
    const facts = page.getByRole('complementary', { name: words('images.viewer.facts') });
    await facts.getByText('.jpg').waitFor();
    await assertGoodEnd(app);
    await page.keyboard.press('i');
    await facts.waitFor({ state: 'detached' });
    await page.keyboard.press('f');
    await page.getByText(words('images.similarTo')).waitFor();
    await page.goBack();
    await page.getByText(words('images.similarTo')).waitFor({ state: 'detached' });
    await at(1).waitFor();
  });

  test('what is selected does not become other images when the list changes', async () => {
    await at(1).click();
    await at(3).click({ modifiers: ['Shift'] });
    await images.selected(3);
    await page.getByRole('searchbox', { name: words('images.filter.text') }).fill('PLATELET_');
    await images.cell(/, 1 of 40$/).waitFor();
    await images.selected(0);
    await page.getByRole('searchbox', { name: words('images.filter.text') }).fill('');
    await at(1).waitFor();
  });

  test('the header of a group counts the labels of now', async () => {
    await to(page, id, 'images?group=group');
    const header = page.getByRole('rowheader', {
      name: pattern('grid.group', { name: 'BA', n: 40, labelled: 0 }),
    });
    await header.waitFor();
    await images.grid.getByRole('gridcell').first().click();
    await page.keyboard.press('1');
    await page.getByRole('rowheader', { name: pattern('grid.group', { name: 'BA', n: 40, labelled: 1 }) }).waitFor();
    assert.equal(
      await images.columns(),
      1 + (await images.grid.getByRole('row').first().getByRole('gridcell').count()),
    );
    await page.keyboard.press('ControlOrMeta+z');
    await header.waitFor();
    await assertGoodEnd(app);
  });

  test('a filter with a name, the place and the size of the tiles are there again the next day', async () => {
    const bar = page.getByRole('group', { name: words('images.filter.label') });
    const choose = async (from: string, entry: string): Promise<void> => {
      await bar.getByRole('button', { name: from, exact: true }).click();
      await page.getByRole('menuitem', { name: entry, exact: true }).click();
    };
    await to(page, id);
    await at(1).waitFor();
    await page.getByRole('searchbox', { name: words('images.filter.text') }).fill('PLATELET_');
    await images.cell(/, 1 of 40$/).waitFor();
    await choose(words('images.saved.unnamed'), words('images.saved.save'));
    await page.getByRole('textbox', { name: words('images.saved.name') }).fill('Platelets');
    await page.keyboard.press('Enter');
    await choose('Platelets', words('images.saved.all'));
    await at(1).waitFor();
    await choose(words('images.saved.all'), 'Platelets');
    await images.cell(/, 7 of 40$/).click();
    const columns = await images.columns();
    await page.keyboard.press('-');
    await page.waitForFunction(
      (before) => Number(document.querySelector('[role=grid]')?.getAttribute('aria-colcount')) > before,
      columns,
    );
    const smaller = await images.columns();
    await settled(page);
    await app.restart();
    await new Home(page).open('first');
    const last = images.cell(/, 7 of 40$/);
    await last.waitFor();
    assert.equal(await images.columns(), smaller);
    assert.equal(await last.getAttribute('tabindex'), '0', 'the image one was at');
    await bar.getByRole('button', { name: 'Platelets', exact: true }).waitFor();
    await assertGoodEnd(app);
  });
});
