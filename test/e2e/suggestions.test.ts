import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertGoodEnd, settled, startApp, type App } from './app.ts';
import { copyFewImages } from './few-images.ts';
import { Label } from './models/label.ts';
import { words } from './words.ts';

const rater = 'me';
let app: App;

before(async () => {
  app = await startApp();
});
after(() => app?.stop());

test('what is in front of whoever labels stays when suggestions are ready, until they have answered', async () => {
  const { page, core } = app;
  const folder = join(app.folder, 'images');
  copyFewImages(folder, 20);
  const make = async (name: string): Promise<string> => {
    const at = join(app.folder, name);
    await core.call('library.import', { folder, project: at, groups: '{group}_*', layout: 'flat' });
    return (await core.call('projects.open', { project: at, rater })).project;
  };
  // The engine starts when something is asked of it.
  await core.call('catalogue.get', { project: await make('earlier') });
  const engine = app.pid('engine')!;
  // Looking takes as long as this test wants it to.
  process.kill(engine, 'SIGSTOP');
  const project = await make('project');
  await core.call('classes.add', { project, rater, name: 'Platelet' });
  await page.goto(`${page.url().split('#')[0]}#/p/${project}/label/suggested`);
  const label = new Label(page);
  await label.seen();
  const status = page.getByRole('status');
  await status.filter({ hasText: words('label.building').split('{')[0]! }).waitFor();
  const shown = await label.shownId();

  process.kill(engine, 'SIGCONT');
  const ready = status.filter({ hasText: words('label.suggestionsWait') });
  await ready.waitFor();
  await settled(page);
  await label.seen();
  assert.equal(await label.shownId(), shown);

  await label.key('1');
  await ready.waitFor({ state: 'detached' });
  await label.seen();
  const next = await label.shownId();
  assert.notEqual(next, shown);
  const labelsOf = async (image: number): Promise<unknown[]> =>
    (await core.call('images.details', { project, rater, image })).history;
  assert.equal((await labelsOf(shown)).length, 1);
  assert.equal((await labelsOf(next)).length, 0);
  // The list is a new one: nothing in it has a label yet.
  await page.getByText(words('label.batch', { done: 0 }).split('{')[0]!).waitFor();
  await assertGoodEnd(app);
});
