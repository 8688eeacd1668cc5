import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { imagesOf } from '../../src/renderer/state/tiles.ts';
import { assertUsable, facts, settled, startApp, type App } from './app.ts';
import { copyFewImages } from './few-images.ts';

const rater = 'me';
const small = { draws: 2, epochs: 2, size: 32, seeds: 1, regime: 'probe', shots: 2 } as const;
let app: App;
let id: string;
let images: number[];

const at = (page: Page, place: string): string => `${page.url().split('#')[0]}#/p/${id}/${place}`;
const notice = (page: Page, code: string) => page.locator(`[data-code="${code}"]`);
const labels = async (): Promise<number> => (await app.core.call('projects.status', { project: id, rater })).labels;
const label = (image: number): Promise<unknown> =>
  app.core.call('labels.set', { project: id, rater, target: { images: [image] }, value: { class: 'Platelet' } });

before(async () => {
  app = await startApp({ isSmall: true });
  const folder = join(app.folder, 'images');
  copyFewImages(folder, 24);
  const project = join(app.folder, 'bad-days');
  await app.core.call('library.import', { folder, project });
  ({ project: id } = await app.core.call('projects.open', { project, rater }));
  const { view } = await app.core.call('view.open', { project: id, rater });
  const { tiles } = await app.core.call('view.window', { project: id, rater, view, from: 0, count: 72 });
  images = [...imagesOf(tiles)];
  await app.page.goto(at(app.page, 'images'));
  await settled(app.page);
});
after(() => app?.stop());

describe('bad days', { timeout: 240_000 }, () => {
  test('core is killed between two labels: nothing is missing, and the page goes on by itself', async () => {
    const { page, host, core } = app;
    await core.call('classes.add', { project: id, rater, name: 'Platelet' });
    const counted = await labels();
    const undo = async (): Promise<number> =>
      (await core.call('labels.stack', { project: id, rater })).undo?.ids[0] ?? 0;
    await label(images[0]!);
    process.kill(host.pid('core')!, 'SIGKILL');
    await label(images[1]!).catch(() => label(images[1]!));
    assert.equal(await undo(), images[1]);
    await core.call('labels.undo', { project: id, rater });
    assert.equal(await undo(), images[0], 'the label before the death is in the log');
    await core.call('labels.undo', { project: id, rater });
    assert.equal(await labels(), counted);
    await facts(page, '[data-connected=true]');
    await page.getByRole('gridcell').first().waitFor();
  });

  test('a second window follows the labels of the first', async () => {
    const other = await app.another(app.http.link(null));
    await other.goto(at(other, 'images'));
    await settled(other);
    const saved = Number(await other.locator('body').getAttribute('data-saved-seq'));
    await label(images[2]!);
    await other.waitForFunction((before) => Number(document.body.dataset['savedSeq']) > before, saved);
    await other.context().close();
    await app.core.call('labels.undo', { project: id, rater });
  });

  test('a connection that is cut comes back, and what happened meanwhile is shown', async () => {
    const { page, http, core } = app;
    const sockets: { close(): Promise<void> }[] = [];
    const other = await page.context().browser()!.newContext();
    const cut = await other.newPage();
    await cut.routeWebSocket(/\/rpc$/, (socket) => {
      socket.connectToServer();
      sockets.push(socket);
    });
    await cut.goto(http.link(null));
    await facts(cut, '[data-connected=true]');
    await cut.goto(at(cut, 'images'));
    await settled(cut);
    const saved = Number(await cut.locator('body').getAttribute('data-saved-seq'));
    await sockets[0]!.close();
    await core.call('labels.note', { project: id, rater, image: images[3]!, text: 'while it was cut' });
    await cut.waitForFunction((before) => Number(document.body.dataset['savedSeq']) > before, saved);
    await facts(cut, '[data-connected=true]');
    assert.ok(sockets.length >= 2, 'a second socket was opened');
    await other.close();
  });

  test('the engine is killed in a run: it can be continued, and a reload in between changes nothing', async () => {
    const { page, host, core } = app;
    const { id: run } = await core.call('runs.begin', { project: id, ...small });
    while (host.pid('engine') === undefined) await core.call('runs.list', { project: id });
    // However long the page takes, the run is not over before.
    process.kill(host.pid('engine')!, 'SIGSTOP');
    await facts(page, '[data-project-state=adapting]');
    await page.reload();
    await facts(page, '[data-connected=true][data-project-state=adapting]');
    process.kill(host.pid('engine')!, 'SIGKILL');
    await facts(page, '[data-project-state=interrupted]');
    await core.call('runs.continue', { project: id, run });
    await facts(page, '[data-project-state=results]');
    const { protocol } = await core.call('results.get', { project: id, run });
    assert.equal(protocol.draws, 2);
  });

  test('a folder of images that goes away is told, with everything else safe; and it is well again when it is back', async () => {
    const { page, core } = app;
    const folder = join(app.folder, 'images');
    await facts(page, '[data-project-state=results]');
    renameSync(folder, `${folder}-away`);
    try {
      // Nobody asks: it is looked at on the side, every few seconds.
      await notice(page, 'folder.gone').waitFor();
      const { folderGone } = await core.call('projects.status', { project: id, rater });
      assert.equal(folderGone, true);
    } finally {
      renameSync(`${folder}-away`, folder);
    }
    await notice(page, 'folder.gone').waitFor({ state: 'detached' });
  });

  test('a project from a newer Acclimate is not opened, and stays as it is', async () => {
    const { page, core } = app;
    const future = join(app.folder, 'future');
    const folder = join(app.folder, 'images');
    await core.call('library.import', { folder, project: future });
    const { project: other } = await core.call('projects.open', { project: future, rater });
    await app.restart();
    const db = new Database(join(future, 'project.db'));
    db.pragma('user_version = 99');
    db.close();
    await page.goto(`${page.url().split('#')[0]}#/p/${other}/images`);
    await notice(page, 'db.future').waitFor();
    await notice(page, 'db.future').getByRole('button').last().click();
    await page.goto(`${page.url().split('#')[0]}#/`);
    await assertUsable(page);
    assert.deepEqual(app.seen.outside, []);
  });
});
