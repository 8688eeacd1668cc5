/**
 * Screenshots of the five places with the sample library, as the README shows them.
 *   npm run bench:screenshots -- --out docs/screenshots [--theme dark] [--language en]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { settingsSchema } from '../../src/contract/settings.ts';
import { startHost } from '../../src/server/host.ts';
import { startHttp } from '../../src/server/http.ts';
import { openBrowser } from '../../test/e2e/browser.ts';
import { builtPage } from '../../test/support/built-page.ts';

const { values } = parseArgs({
  options: { out: { type: 'string' }, theme: { type: 'string' }, language: { type: 'string' } },
});
const out = values.out ?? 'docs/screenshots';
const { theme, language } = settingsSchema.parse({ theme: values.theme ?? 'dark', language: values.language ?? 'en' });
const perClass = 8;
const checks = 60;
const rater = 'Ana';
const folder = mkdtempSync(join(tmpdir(), 'acclimate-screenshots-'));
const home = join(folder, 'home');
mkdirSync(home);
mkdirSync(out, { recursive: true });
Object.assign(process.env, { XDG_CONFIG_HOME: home, APPDATA: home, HOME: home });

const host = startHost();
const http = await startHttp({ host, port: 0, pageFolder: builtPage(), roots: [folder] });
const core = host.connect();
const browser = await openBrowser();
try {
  await core.call('settings.change', {
    people: [{ name: rater, initials: 'An', colour: 1 }],
    rater,
    theme,
    language,
  });
  const { project } = await core.call('projects.sample', { folder: join(folder, 'Blood smears') });
  await core.call('projects.rename', { project, name: 'Blood smears' });
  const status = await core.call('projects.open', { project, rater });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(240_000);
  await page.goto(http.url);
  await page.locator('body[data-connected=true]').waitFor({ state: 'attached' });
  const base = `${page.url().split('#')[0]}#/p/${project}`;
  const settled = (): Promise<void> => page.locator('body[data-busy="0"]').waitFor({ state: 'attached' });
  const shoot = async (name: string): Promise<void> => {
    await settled();
    await page.evaluate(() => document.fonts.ready);
    await page.waitForFunction(() => [...document.querySelectorAll('img')].every((image) => image.complete));
    await page.screenshot({ path: join(out, `${name}.png`) });
  };

  // Everything is suggested and answered by its folder, as a person who knows the cells would.
  const names = new Map(status.classes.map(({ name }) => [name.toLowerCase(), name]));
  names.set('ig', 'Immature granulocyte');
  const { view, count } = await core.call('view.open', { project, rater });
  const wanted = new Map<string, number>();
  let checked = 0;
  for (let from = 0; from < count; from += 7) {
    const { tiles } = await core.call('view.window', { project, rater, view, from, count: 1 });
    const image = new DataView(Uint8Array.from(tiles).buffer).getUint32(0, true);
    const { file } = await core.call('images.details', { project, rater, image });
    const name = names.get(file.split('/').at(-2) ?? '');
    if (!name) continue;
    const given = wanted.get(name) ?? 0;
    if (given >= perClass + checks / 8) continue;
    await core.call('labels.set', { project, rater, target: { images: [image] }, value: { class: name } });
    wanted.set(name, given + 1);
    checked += 1;
  }
  process.stderr.write(`${checked} labels\n`);
  await page.goto(`${base}/images`);
  await page.locator('[role=gridcell] img.loaded').first().waitFor();
  await shoot('images');
  await page.goto(`${base}/label/suggested`);
  await page.locator('[data-scope=focus][aria-busy=false]').waitFor();
  await shoot('label');

  const row = await core.call('runs.begin', { project, depth: 'quick', epochs: 3 });
  await page.goto(`${base}/adapt`);
  await page.waitForFunction(() =>
    /1\s*(?:of|von)\s*3|2\s*(?:of|von)\s*3/.test(document.querySelector('main')?.textContent ?? ''),
  );
  await shoot('adapt');
  await page.locator('body[data-project-state=results]').waitFor({ state: 'attached' });
  await page.goto(`${base}/results/${row.id}/summary`);
  await page.locator('h2, .headline').first().waitFor();
  await shoot('results');
  await page.goto(`${base}/results/${row.id}/confusions`);
  await shoot('confusions');
  await core.call('apply.begin', { project, rater, run: row.id });
  await page
    .locator('body[data-project-state=applied], body[data-project-state=reviewed]')
    .first()
    .waitFor({ state: 'attached' });
  await page.goto(`${base}/apply/${row.id}/review`);
  await page.locator('main img').first().waitFor();
  await shoot('apply');
} finally {
  await browser.close();
  await http.close();
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
