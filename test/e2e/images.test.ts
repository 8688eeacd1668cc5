import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { settled, startApp, type App } from './app.ts';
import { copyFewImages } from './few-images.ts';
import { Images } from './models/images.ts';

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
  app = await startApp();
  const folder = join(app.folder, 'images');
  copyFewImages(folder, 40);
  const make = async (name: string): Promise<string> => {
    const project = join(app.folder, name);
    await app.core.call('library.import', { folder, project });
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
