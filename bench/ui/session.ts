/**
 * A labelling session as a person would do it: 80 images of a real set labelled through the page with keys, by a script
 * that answers from the true classes; then the run that follows, and its numbers beside those of the command line.
 *   npm run bench:session -- --data <folder with one folder per class> [--images 80] [--json FILE]
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpus, tmpdir } from 'node:os';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startHost } from '../../src/server/host.ts';
import { startHttp } from '../../src/server/http.ts';
import { openBrowser, watch } from '../../test/e2e/browser.ts';
import { builtPage } from '../../test/support/built-page.ts';
import { percentile } from './disk.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, images: { type: 'string' }, json: { type: 'string' } },
});
if (!values.data) throw new Error('say where the images are: --data <folder>');
const data = values.data;
const wanted = Number(values.images ?? 80);
const rater = 'Ana';
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'acclimate-session-'));
const project = join(folder, 'project');
const home = join(folder, 'home');
mkdirSync(home);
Object.assign(process.env, { XDG_CONFIG_HOME: home, APPDATA: home, HOME: home });

const host = startHost();
const http = await startHttp({ host, port: 0, pageFolder: builtPage(), roots: [folder] });
const core = host.connect();
const browser = await openBrowser();
try {
  const classes = readdirSync(data).sort();
  process.stderr.write('Importing\n');
  await core.call('library.import', { folder: data, project, layout: 'flat' });
  await core.call('settings.change', { people: [{ name: rater, initials: 'An', colour: 1 }], rater, language: 'en' });
  const { project: id } = await core.call('projects.open', { project, rater });
  for (const name of classes) await core.call('classes.add', { project: id, rater, name });

  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(120_000);
  const seen = watch(page);
  await page.goto(http.url);
  await page.locator('body[data-connected=true]').waitFor({ state: 'attached' });
  await page.goto(`${page.url().split('#')[0]}#/p/${id}/label/suggested`);
  const stage = page.locator('[data-scope=focus]');
  await stage.waitFor();
  // From the key to the next image on the screen, told by the page itself.
  await page.evaluate(() => {
    const times: number[] = [];
    let pressed = 0;
    Object.assign(window, { sessionTimes: times });
    document.addEventListener('keydown', ({ code }) => (pressed = /^Digit/.test(code) ? performance.now() : 0), true);
    new MutationObserver(() => {
      const busy = document.querySelector('[data-scope=focus][aria-busy=true]');
      if (pressed === 0 || busy) return;
      times.push(performance.now() - pressed);
      pressed = 0;
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['aria-busy'] });
  });
  const looked = async (): Promise<void> => {
    process.stderr.write('Waiting for suggestions\n');
    const isLooking = async (): Promise<boolean> =>
      (await core.call('projects.status', { project: id, rater })).looking !== null;
    const begun = performance.now();
    // It begins a moment after the project is opened.
    while (performance.now() - begun < 5000 || (await isLooking())) await setTimeout(500);
    await page.keyboard.press('.');
    await page.locator('body[data-busy="0"]').waitFor({ state: 'attached' });
  };
  process.stderr.write('Labelling\n');
  const truth = new Map<number, string>();
  for (let labelled = 0; labelled < wanted;) {
    // The first are labelled while the images are looked at; a person takes minutes for the others, this script none.
    if (labelled === Math.floor(wanted / 4)) await looked();
    await page.locator('[data-scope=focus][aria-busy=false]').waitFor();
    const address = (await stage.locator('.stage img.shown').getAttribute('src'))!;
    const image = Number(address.split('/')[3]);
    if (truth.has(image)) {
      await page.keyboard.press('.');
      await page.locator('body[data-busy="0"]').waitFor({ state: 'attached' });
      continue;
    }
    const { file } = await core.call('images.details', { project: id, rater, image });
    const name = file.split('/').at(-2)!;
    truth.set(image, name);
    const told = await page.evaluate(() => (window as unknown as { sessionTimes: number[] }).sessionTimes.length);
    await page.keyboard.press(String(1 + classes.indexOf(name)));
    labelled += 1;
    // The last image of a batch stays; all others make way for the next.
    await page.waitForFunction(
      (before) =>
        (window as unknown as { sessionTimes: number[] }).sessionTimes.length > before ||
        document.querySelector('[data-scope=focus] .strip > :last-child')?.getAttribute('aria-current') === 'true',
      told,
    );
  }
  const times = await page.evaluate(() => (window as unknown as { sessionTimes: number[] }).sessionTimes);
  const status = await core.call('projects.status', { project: id, rater });
  assert.equal(status.labels, wanted, 'every key is one label on disk');

  process.stderr.write(
    `p50 ${percentile(times, 50)} ms, p95 ${percentile(times, 95)} ms of ${times.length}\nRunning\n`,
  );
  const few = status.classes.filter(({ training }) => training < 5).map(({ name }) => name);
  const options = { project: id, depth: 'quick', leaveOut: few } as const;
  const { run, results } = await core.call('runs.start', options);
  await page.goto(`${page.url().split('#')[0]}#/p/${id}/results/${run}/summary`);
  const inHundred = (value: number): string => String(Math.round(100 * value));
  for (const arm of ['plain', 'adapted'] as const) {
    await page.locator('main').getByText(inHundred(results!.arms[arm].accuracy.mean)).first().waitFor();
  }
  const spawned = spawnSync(process.execPath, [join(root, 'bin/acclimate.mjs'), 'results', project, '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const cli = JSON.parse(spawned.stdout) as typeof results;
  assert.deepEqual(cli, results, 'the command line and the page have one source');
  assert.deepEqual(seen.outside, []);
  const report = {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model,
    labelled: times.length,
    p50: percentile(times, 50),
    p95: percentile(times, 95),
    left: few,
    headline: results!.headline,
    plain: results!.arms.plain.accuracy.mean,
    adapted: results!.arms.adapted.accuracy.mean,
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
} finally {
  await browser.close();
  await http.close();
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
}
