import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertGoodEnd, settled, startApp, type App } from './app.ts';
import { copyFewImages } from './few-images.ts';
import { Home } from './models/home.ts';
import { Import } from './models/import.ts';

let app: App;
before(async () => (app = await startApp({ isSmall: true })));
after(() => app?.stop());

test('further folders come and go one by one; one within another is refused before anything begins', async () => {
  const { page, core } = app;
  const [home, importing] = [new Home(page), new Import(page)];
  const [folder, one, two] = ['images', 'one', 'two'].map((name) => join(app.folder, name)) as [string, string, string];
  copyFewImages(folder, 4);
  copyFewImages(one, 2);
  copyFewImages(join(two, 'in'), 1);
  const add = async (further: string): Promise<void> => {
    await importing.addFolder.press('Enter');
    await home.pick(further);
    await importing.looked();
  };
  await home.openFolder(folder);
  await importing.looked();
  assert.equal(await importing.further.count(), 0);
  for (const further of [one, two, join(two, 'in')]) await add(further);
  assert.equal(await importing.further.count(), 3);
  const refused = page.getByRole('alert').filter({ hasText: join(two, 'in') });
  await refused.waitFor();
  await assertGoodEnd(app);

  await importing.leaveOut(join(two, 'in')).press('Enter');
  await refused.waitFor({ state: 'detached' });
  await importing.leaveOut(one).press('Enter');
  assert.equal(await importing.further.count(), 1);
  await add(one);
  await importing.start();
  const { projects } = await core.call('projects.list', {});
  const { images, unlabelledOnly } = await core.call('projects.status', {
    project: projects[0]!.project,
    rater: 'me',
  });
  assert.deepEqual([images, unlabelledOnly], [12, 9]);
  await settled(page);
  await assertGoodEnd(app);
});
