import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { assertGoodEnd, settled, startApp, type App } from './app.ts';
import { Home } from './models/home.ts';
import { Images } from './models/images.ts';
import { Import } from './models/import.ts';
import { pattern, words } from './words.ts';

let app: App;
before(async () => (app = await startApp()));
after(() => app.stop());

/** A small picture that no other number gives. */
const picture = (number: number): Promise<Buffer> =>
  sharp({
    create: { width: 48, height: 48, channels: 3, background: { r: number % 256, g: (number * 37) % 256, b: 90 } },
  })
    .png()
    .toBuffer();

async function writePictures(folder: string, count: number, first = 0): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let at = 0; at < count; at++) {
    writeFileSync(join(folder, `${String(at).padStart(3, '0')}.png`), await picture(first + at));
  }
}

/** Every file of a folder and what is in it. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

test('2: class folders', async () => {
  const { page } = app;
  const [home, importing, images] = [new Home(page), new Import(page), new Images(page)];
  const folder = join(app.folder, 'pets');
  await writePictures(join(folder, 'cat'), 8);
  await writePictures(join(folder, 'dog'), 8, 100);
  await writePictures(join(folder, 'junk'), 4, 200);
  const whole = await picture(250);
  writeFileSync(join(folder, 'cat', 'cut.png'), whole.subarray(0, 60));
  writeFileSync(join(folder, 'dog', 'empty.png'), '');
  writeFileSync(join(folder, 'dog', 'words.png'), 'not an image');
  const earlier = contentOf(folder);

  await home.openFolder(folder);
  await importing.looked();
  await importing.leftOut.getByText(words('import.unreadable', { n: 3 }).split(' | ')[1]!).waitFor();
  await importing.folder('junk').uncheck();
  await settled(page);
  await assertGoodEnd(app);
  await importing.start();

  await images.grid.waitFor();
  await page.getByRole('contentinfo').getByText(words('app.status.labels', { n: 16 }).split(' | ')[1]!).waitFor();
  const [card] = (await app.core.call('projects.list', {})).projects;
  const status = await app.core.call('projects.status', { project: card!.project, rater: 'someone' });
  assert.deepEqual(
    status.classes.map(({ name, training, check }) => [name, training + check]),
    [
      ['cat', 8],
      ['dog', 8],
    ],
  );
  assert.equal(status.unreadable, 3);
  await images.cell(/^cat,/).first().click();
  await page.getByText(pattern('images.facts.history')).waitFor();
  await page.getByText('imported').first().waitFor();
  assert.deepEqual(contentOf(folder), earlier);
  await assertGoodEnd(app);
});
