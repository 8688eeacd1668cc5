import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as driver, type Page } from 'playwright-core';
import { openProject } from '../../src/core/db/open.ts';
import { clustersOf } from '../../src/core/map/clusters.ts';
import { mapFiles, writeMap } from '../../src/core/map/map-file.ts';
import { scattered, seeded } from '../../src/core/map/random.ts';
import { startHost } from '../../src/server/host.ts';
import { startHttp } from '../../src/server/http.ts';
import { builtPage } from '../../test/support/built-page.ts';
import { percentile } from '../ui/disk.ts';
import { fixtureRater, makeFixture } from '../ui/fixtures.ts';
import { beginFrames, endFrames } from '../ui/page-probes.ts';

const sampleRun = fileURLToPath(new URL('../../resources/sample/run/', import.meta.url));
const openings = 3;
const panMs = 6000;

/** A project with a finished run whose map has made-up places: twenty clouds. @returns the run */
async function makeMap(folder: string, count: number): Promise<string> {
  await makeFixture({ folder, rows: count });
  const project = await openProject(folder);
  const { id: run } = JSON.parse(readFileSync(join(sampleRun, 'run.json'), 'utf8')) as { id: string };
  const to = join(project.paths.runs, run);
  mkdirSync(to, { recursive: true });
  for (const name of ['spec.json', 'scores.json', 'scored.json']) copyFileSync(join(sampleRun, name), join(to, name));
  project.db
    .prepare(
      `INSERT INTO run (id, kind, state, created_at, finished_at, fraction, options)
       VALUES (?, 'one-click', 'finished', @now, @now, 1, @options)`,
    )
    .run(run, {
      now: new Date().toISOString(),
      options: JSON.stringify({ options: { project: project.folder }, notes: [] }),
    });
  const ids = scattered(
    Int32Array.from(project.db.prepare<[], number>(`SELECT id FROM image WHERE role = 'main'`).pluck().all()),
  );
  const random = seeded(5);
  const places = new Float32Array(2 * ids.length);
  for (let at = 0; at < ids.length; at++) {
    const cloud = Math.floor(random() * 20);
    const [turn, far] = [2 * Math.PI * random(), 0.14 * Math.sqrt(-Math.log(1 - random() * 0.99)) * 0.6];
    places[2 * at] = ((cloud % 5) - 2) * 0.38 + far * Math.cos(turn);
    places[2 * at + 1] = (Math.floor(cloud / 5) - 1.5) * 0.45 + far * Math.sin(turn);
  }
  const { clusters, of } = clustersOf(places, 20_000);
  await writeMap(
    mapFiles(project, run, 'plain'),
    {
      version: 1,
      images: ids.length,
      fitted: Math.min(20_000, ids.length),
      madeAt: new Date().toISOString(),
      clusters: clusters.map((cluster) => ({ ...cluster, examples: cluster.examples.map((at) => ids[at]!) })),
    },
    { ids, places, clusters: of },
  );
  project.close();
  return run;
}

/** What the page needs for a map, in a headless browser that draws WebGL2 by software. */
export async function measurePage(folder: string, count: number): Promise<Record<string, number | string>> {
  const place = join(folder, 'project');
  const run = await makeMap(place, count);
  const home = join(folder, 'home');
  mkdirSync(home);
  Object.assign(process.env, { XDG_CONFIG_HOME: home, APPDATA: home, HOME: home });
  const host = startHost();
  const http = await startHttp({ host, port: 0, pageFolder: builtPage(), roots: [folder] });
  const core = host.connect();
  await core.call('settings.change', {
    people: [{ name: fixtureRater, initials: 'An', colour: 1 }],
    rater: fixtureRater,
    language: 'en',
  });
  const { project } = await core.call('projects.open', { project: place, rater: fixtureRater });
  const browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: ['--headless=shell', '--no-sandbox', '--no-zygote', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  });
  const measured: Record<string, number | string> = {};
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(120_000);
    await page.goto(http.url);
    await page.locator('body[data-connected=true]').waitFor({ state: 'attached' });
    const address = (tab: string): string => `${page.url().split('#')[0]}#/p/${project}/results/${run}/${tab}`;
    const [first, whole]: [number[], number[]] = [[], []];
    for (let i = 0; i < openings; i++) {
      await page.goto(address('summary'));
      await page.locator('body[data-busy="0"]').waitFor({ state: 'attached' });
      const begun = performance.now();
      await page.goto(address('map'));
      await page.waitForFunction(() => Number(document.querySelector('[data-drawn]')?.getAttribute('data-drawn')) > 0);
      first.push(performance.now() - begun);
      await page.waitForFunction(
        (all) => document.querySelector('[data-drawn]')?.getAttribute('data-drawn') === String(all),
        count,
      );
      whole.push(performance.now() - begun);
    }
    measured['points'] = count;
    measured['drawn by'] = await page.evaluate(() => {
      const gl = document.createElement('canvas').getContext('webgl2');
      const known = gl?.getExtension('WEBGL_debug_renderer_info');
      return gl && known ? String(gl.getParameter(known.UNMASKED_RENDERER_WEBGL)) : '2D canvas, 20,000 points';
    });
    measured['open to first points, median ms'] = percentile(first, 50);
    measured['open to all points, median ms'] = percentile(whole, 50);
    await page.locator('body[data-busy="0"]').waitFor({ state: 'attached' });
    Object.assign(measured, await pan(page));
    Object.assign(measured, await lasso(page));
  } finally {
    await browser.close();
    await http.close();
    await host.stop();
  }
  return measured;
}

async function pan(page: Page): Promise<Record<string, number>> {
  const box = (await page.locator('[role=application]').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.evaluate(beginFrames);
  const until = performance.now() + panMs;
  for (let step = 0; performance.now() < until; step++) {
    await page.mouse.move(x + 80 * Math.sin(step / 10), y + 60 * Math.cos(step / 13));
  }
  const { deltas } = await page.evaluate(endFrames);
  const shown = await page.locator('[data-drawn]').getAttribute('data-drawn');
  await page.mouse.up();
  return {
    'pan: frames a second': 1000 / (deltas.reduce((sum, value) => sum + value, 0) / deltas.length),
    'pan: ms between frames, p95': percentile(deltas, 95),
    'pan: points drawn meanwhile': Number(shown),
  };
}

async function lasso(page: Page): Promise<Record<string, number>> {
  await page.getByText('Lasso', { exact: true }).click();
  const box = (await page.locator('[role=application]').boundingBox())!;
  const unit = Math.min(box.width, box.height) / 2;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // Around two of the clouds.
  await page.mouse.move(x + 0.35 * unit, y - 0.2 * unit);
  await page.mouse.down();
  for (let turn = 0; turn <= 60; turn++) {
    const angle = (2 * Math.PI * turn) / 60;
    await page.mouse.move(x + 0.32 * unit * Math.cos(angle), y + 0.35 * unit * Math.sin(angle));
  }
  const begun = performance.now();
  await page.mouse.up();
  await page.locator('section.images').waitFor();
  const marked = performance.now() - begun;
  await page.locator('section.images [role=gridcell]').first().waitFor();
  const shown = performance.now() - begun;
  const said = (await page.locator('section.images').getAttribute('aria-label')) ?? '';
  return {
    'lasso: images': Number(/([\d,]+) image/.exec(said)?.[1]?.replaceAll(',', '')),
    'lasso: until it is marked, ms': marked,
    'lasso: until its images are listed, ms': shown,
  };
}
