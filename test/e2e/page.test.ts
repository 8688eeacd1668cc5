import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startHost, type Host } from '../../src/server/host.ts';
import { startHttp, type Http } from '../../src/server/http.ts';
import { openBrowser, watch, type Watch } from './browser.ts';
import { copyFewImages, root } from './few-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'acclimate-page-'));
const images = join(folder, 'images');
const project = join(folder, 'three-cells');
const perClass = 24;

let host: Host;
let http: Http;
let browser: Browser;
let page: Page;
let seen: Watch;

function buildPage(): string {
  const out = join(folder, 'out');
  const builder = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  const result = spawnSync(process.execPath, [builder, 'build', '--outDir', out, '--logLevel', 'error'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(result.status, 0, result.stderr);
  return join(out, 'renderer');
}

before(async () => {
  copyFewImages(images, perClass);
  const pageFolder = buildPage();
  // The list of recent projects belongs to the user, not to a test.
  process.env['XDG_CONFIG_HOME'] = process.env['APPDATA'] = process.env['HOME'] = join(folder, 'home');
  host = startHost();
  http = await startHttp({ host, port: 0, pageFolder });
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  seen = watch(page);
});

after(async () => {
  await browser?.close();
  await http?.close();
  await host?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the page in a browser', { timeout: 240_000 }, () => {
  test('shows what is wrong with a folder that is no project, and that nothing was lost', async () => {
    await page.goto(http.url);
    await page.locator('body[data-connected=true]').waitFor();
    assert.ok(!page.url().includes('token'));
    await page.getByLabel('Folder of the project').fill(images);
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.equal(await alert.getAttribute('data-code'), 'project.missing');
    await alert.getByRole('button', { name: 'Close' }).click();
  });

  test('shows a project: images, classes, and that it has no groups', async () => {
    await host.connect().call('library.import', { folder: images, project });
    await page.getByLabel('Folder of the project').fill(project);
    await page.keyboard.press('Enter');
    const classes = page.getByRole('table', { name: 'Classes and their labels' });
    await classes.waitFor();
    const rows = await classes.locator('tbody tr').allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.split(/\s+/).slice(0, 2)),
      [
        ['basophil', String(perClass)],
        ['eosinophil', String(perClass)],
        ['platelet', String(perClass)],
      ],
    );
    assert.ok(await page.getByText('No groups: scores cannot tell').isVisible());
    assert.equal(await page.title(), 'three-cells · Acclimate');
  });

  test('follows a run to its result, with the numbers and the headline that core gives', async () => {
    const client = host.connect();
    const options = { shots: 2, draws: 2, epochs: 1, size: 32, seeds: 1, regime: 'probe' } as const;
    const finished = client.call('runs.start', { project, ...options });
    const bar = page.getByRole('progressbar', { name: 'How far the run is' });
    await bar.waitFor();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    const { run, results } = await finished;

    const section = page.getByRole('region', { name: 'Results' });
    await section.getByText(results!.headline).waitFor();
    assert.equal(await bar.count(), 0);
    const row = await section.getByRole('row', { name: /^Named correctly/ }).innerText();
    const inHundred = (value: number): string => (100 * value).toFixed(1);
    for (const arm of ['plain', 'adapted'] as const) {
      const { mean, ci } = results!.arms[arm].accuracy;
      assert.ok(row.includes(`${inHundred(mean)} (${inHundred(ci[0])} to ${inHundred(ci[1])})`), row);
    }
    assert.ok((await page.getByRole('table', { name: /What was done/ }).innerText()).includes(run));
  });

  test('lists the project afterwards, and opens it again', async () => {
    await page.getByRole('button', { name: 'All projects' }).click();
    await page.getByRole('button', { name: 'three-cells', exact: true }).click();
    await page.getByRole('region', { name: 'Results' }).waitFor();
  });

  test('asked for nothing outside this computer, and kept to its policy', () => {
    assert.deepEqual(seen.outside, []);
    assert.deepEqual(seen.complaints, []);
  });
});
