import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startHost, type Host } from '../../src/server/host.ts';
import { startHttp } from '../../src/server/http.ts';
import { openBrowser, watch } from '../../test/e2e/browser.ts';
import { beginSyncs, percentile, type Syncs } from './disk.ts';
import { fixtureRater } from './fixtures.ts';
import { beginFrames, beginKeys, beginTiles, endFrames, tilesAreLoaded } from './page-probes.ts';
import type { Line } from './table.ts';

interface Options {
  readonly folder: string;
  readonly project: string;
  readonly rows: number;
  readonly page: string;
}

const opens = 5;
const jumps = 30;
const keys = 200;
const keyMs = 100;
/** Not the pace of the keys: what goes on between two of them is met at every point of it. */
const syncMs = 211;
const scrollSeconds = 10;

/** Everything that is measured on one fixture. */
export async function measure({ folder, project, rows, page: pageFolder }: Options): Promise<Line[]> {
  const lines: Line[] = [];
  const line = (budget: string, limit: number, unit: string, measured: number): void => {
    lines.push({ budget, limit, unit, measured, rows });
  };
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  Object.assign(process.env, { XDG_CONFIG_HOME: home, APPDATA: home, HOME: home });
  const started = performance.now();
  const host = startHost();
  const http = await startHttp({ host, port: 0, pageFolder, roots: [folder] });
  const core = host.connect();
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const seen = watch(page);
  try {
    await page.goto(http.url);
    await page.locator('body[data-connected=true]').waitFor({ state: 'attached' });
    line('start to Home', 4000, 'ms', performance.now() - started);
    await core.call('settings.change', {
      people: [{ name: fixtureRater, initials: 'An', colour: 1 }],
      rater: fixtureRater,
      language: 'en',
    });
    const { project: id } = await core.call('projects.open', { project, rater: fixtureRater });
    const address = (place: string): string => `${page.url().split('#')[0]}#/p/${id}/${place}`;

    const paints: number[] = [];
    for (let i = 0; i < opens; i++) {
      await page.goto(`${page.url().split('#')[0]}#/`);
      await page.locator('body[data-busy="0"]').waitFor({ state: 'attached' });
      const begun = performance.now();
      await page.goto(address('images'));
      await page.waitForFunction(tilesAreLoaded);
      paints.push(performance.now() - begun);
    }
    line('open to first grid paint, p95', 2000, 'ms', percentile(paints, 95));

    await page.evaluate(beginTiles);
    await page.evaluate(beginFrames);
    await scrollFor(page, scrollSeconds * 1000);
    const frames = await page.evaluate(endFrames);
    line('scroll: main-thread work per frame, p95', 8, 'ms', percentile(frames.work, 95));
    line(
      'scroll: tile without its picture, p95',
      300,
      'ms',
      percentile(await page.evaluate(() => window.benchTiles!), 95),
    );

    line('scrubber jump, p95', 500, 'ms', percentile(await jumpAround(page), 95));
    line('filter, p95', 800, 'ms', percentile(await filterTimes(core, id, rows), 95));

    await page.goto(address('images'));
    await page.waitForFunction(tilesAreLoaded);
    await page.locator('[role=gridcell][tabindex="0"]').focus();
    await page.evaluate(beginKeys);
    const syncs = beginSyncs(project, syncMs);
    await labelKeys(page);
    const commitLimit = async (disk: Syncs): Promise<number> => Math.max(5, 2 * (await disk.end()));
    const limit = await commitLimit(syncs);
    await page.locator('body[data-busy="0"]').waitFor({ state: 'attached' });
    line('label key to visible, p95', 80, 'ms', percentile(await page.evaluate(() => window.benchKeys!), 95));

    const commits = async (): Promise<number> => {
      const { timings } = await core.call('diagnostics.get', { project: id });
      return timings.find(({ name }) => name === 'labels.commit')?.p95 ?? NaN;
    };
    line('label commit on disk, p95', limit, 'ms', await commits());

    const many = await labelMany(core, id, 10_000);
    line('label of 10,000 images', 300, 'ms', many.label);
    line('undo of 10,000 images', 600, 'ms', many.undo);

    line('next image in focus, p95', 120, 'ms', percentile(await nextImages(page, address), 95));
    const heap = await page.evaluate(
      () => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? NaN,
    );
    line('heap of the page', 300, 'MB', heap / 2 ** 20);
    line('memory of the page’s process', 700, 'MB', rendererMegabytes());
    line('requests leaving the computer', 0, '', seen.outside.length);
    line('complaints of the policy', 0, '', seen.complaints.length);
    // Last: a scan has images looked at that were labelled meanwhile, by the engine. Another core counts its own times.
    const labels = async (): Promise<number> =>
      (await core.call('projects.status', { project: id, rater: fixtureRater })).labels;
    const before = await labels();
    const killed = host.pid('core')!;
    process.kill(killed, 'SIGKILL');
    while ([killed, undefined].includes(host.pid('core'))) await setTimeout(50);
    await core.call('projects.open', { project, rater: fixtureRater });
    await page.goto(address('images'));
    await page.waitForFunction(tilesAreLoaded);
    line('labels lost when core is killed', 0, '', before - (await labels()));
    await page.locator('[role=gridcell][tabindex="0"]').focus();
    const syncsOfScan = beginSyncs(project, syncMs);
    const scanned = await labelWhileScanning(page, core, id);
    const limitOfScan = await commitLimit(syncsOfScan);
    line('label commit while a scan and filters go on, p95', limitOfScan, 'ms', scanned ? await commits() : NaN);
  } finally {
    await browser.close();
    await http.close();
    await host.stop();
  }
  return lines;
}

async function scrollFor(page: Page, milliseconds: number): Promise<void> {
  const box = (await page.locator('[role=grid]').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, 300);
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    await page.mouse.wheel(0, 240);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

async function jumpAround(page: Page): Promise<number[]> {
  const bar = (await page.getByRole('scrollbar').boundingBox())!;
  const times: number[] = [];
  for (let i = 0; i < jumps; i++) {
    // Spread without chance, so that two runs jump alike.
    const y = bar.y + bar.height * ((i * 0.618) % 1);
    const begun = performance.now();
    await page.mouse.click(bar.x + bar.width / 2, y);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.waitForFunction(tilesAreLoaded);
    times.push(performance.now() - begun);
  }
  return times;
}

/** Label keys at a pace no hand keeps; more would measure the queue for two cores, not the app. */
async function labelKeys(page: Page, also: (key: number) => void = () => {}): Promise<void> {
  for (let i = 0; i < keys; i++) {
    const due = setTimeout(keyMs);
    also(i);
    await page.keyboard.press(String(1 + (i % 8)));
    await page.keyboard.press('ArrowRight');
    await due;
  }
}

/** Labels while the folder is looked at again and lists are filtered. @returns whether a scan went on all the while */
async function labelWhileScanning(page: Page, core: Core, project: string): Promise<boolean> {
  let isOver = false;
  const scan = (async () => {
    while (!isOver) await core.call('library.rescan', { project });
  })();
  const filtering: Promise<unknown>[] = [];
  await labelKeys(page, (key) => {
    const filter = filters[(key / 10) % filters.length];
    if (filter) filtering.push(filterOnce(core, project, filter));
  });
  isOver = true;
  const { scanning } = await core.call('projects.status', { project, rater: fixtureRater });
  await Promise.all([scan, ...filtering]);
  return scanning !== null;
}

type Core = ReturnType<Host['connect']>;

const filters = [{ labelled: true }, { labelled: false }, { text: '0001' }, { groups: ['P01', 'P07'] }, { note: true }];

async function filterTimes(core: Core, project: string, rows: number): Promise<number[]> {
  const times: number[] = [];
  for (const filter of filters) {
    const begun = performance.now();
    const count = await filterOnce(core, project, filter);
    times.push(performance.now() - begun);
    if (count > rows) throw new Error('a filter cannot find more than there is');
  }
  return times;
}

/** A filter and its first tiles, as pressing a chip asks for them. @returns how many images it found */
async function filterOnce(core: Core, project: string, filter: (typeof filters)[number]): Promise<number> {
  const { view, count } = await core.call('view.open', { project, rater: fixtureRater, filter });
  await core.call('view.window', { project, rater: fixtureRater, view, from: 0, count: 512 });
  return count;
}

async function labelMany(core: Core, project: string, images: number): Promise<{ label: number; undo: number }> {
  const { view, count } = await core.call('view.open', { project, rater: fixtureRater });
  const target = { view, ranges: [[0, Math.min(count, images)] as [number, number]] };
  let begun = performance.now();
  await core.call('labels.set', { project, rater: fixtureRater, target, value: { class: 'Monocyte' } });
  const label = performance.now() - begun;
  begun = performance.now();
  await core.call('labels.undo', { project, rater: fixtureRater });
  return { label, undo: performance.now() - begun };
}

async function nextImages(page: Page, address: (place: string) => string): Promise<number[]> {
  await page.goto(address('images'));
  await page.waitForFunction(tilesAreLoaded);
  await page.locator('[role=gridcell][tabindex="0"]').focus();
  await page.keyboard.press('Enter');
  const shown = page.locator('[data-scope=viewer] .stage img.shown');
  await shown.waitFor();
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    const before = await shown.getAttribute('src');
    const begun = performance.now();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((src) => {
      const image = document.querySelector<HTMLImageElement>('[data-scope=viewer] .stage img.shown');
      return image !== null && image.getAttribute('src') !== src;
    }, before);
    times.push(performance.now() - begun);
  }
  return times;
}

/** Resident memory of the largest renderer process, where `ps` is there. */
function rendererMegabytes(): number {
  try {
    const list = execFileSync('ps', ['-eo', 'rss,args'], { encoding: 'utf8', maxBuffer: 2 ** 24 });
    const sizes = list
      .split('\n')
      .filter((row) => row.includes('--type=renderer'))
      .map((row) => Number(row.trim().split(' ')[0]) / 1024);
    return Math.max(...sizes);
  } catch {
    return NaN;
  }
}
