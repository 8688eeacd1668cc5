import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startHost } from '../../src/server/host.ts';
import { startHttp } from '../../src/server/http.ts';
import { browser } from '../unit/server/browser.ts';
import { openBrowser } from './browser.ts';

const project = 'a9c1f2b4-7c1d-4f5e-9a3b-0d1e2f3a4b5c';

test('a page of another local user, on another port of this computer', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-neighbour-'));
  mkdirSync(join(folder, 'page'));
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>Acclimate</title>');
  const host = startHost({ entries: { core: new URL('../unit/server/children/core.ts', import.meta.url) } });
  const http = await startHttp({ host, pageFolder: join(folder, 'page') });
  const seen: string[] = [];
  const neighbour = createServer((request, response) => {
    seen.push(request.headers.cookie ?? '');
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Neighbour</title>');
  });
  neighbour.listen(0, '127.0.0.1');
  await once(neighbour, 'listening');
  const chromium = await openBrowser();
  try {
    const context = await chromium.newContext();
    const ours = await context.newPage();
    await ours.goto(http.url);
    const secret = await ours.evaluate(async () => {
      const token = location.hash.replace('#token=', '');
      const response = await fetch('/session', { method: 'POST', body: JSON.stringify({ token }) });
      return ((await response.json()) as { secret: string }).secret;
    });
    const opens = (page: typeof ours, port: number, protocols: string[]): Promise<boolean> =>
      page.evaluate(
        ([port, protocols]) =>
          new Promise<boolean>((resolve) => {
            const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, protocols);
            socket.onopen = () => resolve(true);
            socket.onerror = () => resolve(false);
          }),
        [port, protocols] as const,
      );
    const keys = ['acclimate', `key.${secret}`];
    assert.equal(await opens(ours, http.port, keys), true, 'our own page');
    assert.equal(await ours.evaluate(() => document.cookie), '', 'script cannot read the cookie');

    const theirs = await context.newPage();
    await theirs.goto(`http://127.0.0.1:${(neighbour.address() as AddressInfo).port}/`);
    const cookie = seen.find((text) => text.startsWith('acclimate-'));
    assert(cookie !== undefined, 'browsers give a cookie to all ports: this is what the second secret is for');
    assert.equal(await opens(theirs, http.port, ['acclimate']), false);
    assert.equal(await opens(theirs, http.port, keys), false, 'even with the secret the origin is another');
    const picture = `http://127.0.0.1:${http.port}/image/${project}/7/thumb/right`;
    const loads = (page: typeof ours): Promise<boolean> =>
      // As an `<img>` would, which asks for no permission.
      page.evaluate(
        (url) =>
          fetch(url, { mode: 'no-cors', credentials: 'include', cache: 'no-store' }).then(
            () => true,
            () => false,
          ),
        picture,
      );
    assert.equal(await loads(ours), true);
    assert.equal(await loads(theirs), false);

    // The neighbour's own program has the cookie now, and may forge every header.
    const forger = browser(http.port);
    for (const protocols of [['acclimate'], ['acclimate', 'key.guess']]) {
      assert.equal((await forger.upgrade('/rpc', { ...forger.ours, cookie }, protocols)).status, 403);
    }
  } finally {
    await chromium.close();
    neighbour.close();
    await http.close();
    await host.stop();
    rmSync(folder, { recursive: true });
  }
});
