import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { WebSocket } from 'ws';
import { coreCalls, coreEvents } from '../../../src/contract/core-calls.ts';
import { connect } from '../../../src/rpc/connect.ts';
import { webSocketPort } from '../../../src/rpc/transports.ts';
import { startHost, type Host } from '../../../src/server/host.ts';
import { startHttp, type Http } from '../../../src/server/http.ts';
import { browser, protocolsOf, tokenOf, type Browser, type Visitor } from './browser.ts';

const project = 'a9c1f2b4-7c1d-4f5e-9a3b-0d1e2f3a4b5c';
const evil = 'http://evil.example';

describe('attacks on the server', { timeout: 120_000 }, () => {
  let folder: string;
  let host: Host;
  let http: Http;
  let page: Browser;
  let visitor: Visitor;
  let now = Date.now();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acclimate-attacks-'));
    mkdirSync(join(folder, 'page'));
    writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>Acclimate</title>');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    host = startHost({ entries: { core: new URL('children/core.ts', import.meta.url) } });
  });
  beforeEach(async () => {
    await http?.close();
    http = await startHttp({ host, pageFolder: join(folder, 'page'), now: () => now });
    page = browser(http.port);
    visitor = await page.follow(http.url);
  });
  after(async () => {
    await http.close();
    await host.stop();
    rmSync(folder, { recursive: true });
  });

  const exchange = async (token: string, headers: Record<string, string> = page.ours): Promise<number> =>
    (await page.ask('/session', headers, JSON.stringify({ token }))).status;
  const upgrade = async (
    headers: Record<string, string>,
    protocols = protocolsOf(visitor),
    path = '/rpc',
  ): Promise<number> => {
    const { status, socket } = await page.upgrade(path, headers, protocols);
    socket.terminate();
    return status;
  };
  const cookie = (): Record<string, string> => ({ cookie: visitor.cookie });
  const stillWorks = async (): Promise<void> => {
    const { status, socket } = await page.upgrade('/rpc', { ...page.ours, ...cookie() }, protocolsOf(visitor));
    assert.equal(status, 101);
    const client = connect(coreCalls, coreEvents, webSocketPort(socket));
    assert.equal((await client.call('audit.verify', { project: '' })).ok, true);
    client.close();
  };

  test('a wrong, reused or late token opens nothing', async () => {
    const token = tokenOf(http.link(null));
    assert.equal(await exchange(`${token}x`), 403);
    assert.equal(await exchange(''), 403);
    assert.equal(await exchange(token), 200);
    assert.equal(await exchange(token), 403, 'used before');
    const late = tokenOf(http.link('Ann'));
    now += 60_001;
    assert.equal(await exchange(late), 403, 'late');
    for (const body of ['no json', '{"token":7}', 'x'.repeat(5000)]) {
      assert.equal((await page.ask('/session', page.ours, body)).status, 400);
    }
  });

  test('another site’s page reaches nothing, under its own name or one that was bound to this address', async () => {
    const token = tokenOf(http.link(null));
    assert.equal(await exchange(token, { ...page.ours, origin: evil }), 403);
    assert.equal(await exchange(token, { host: page.ours.host }), 403, 'no origin');
    assert.equal(await upgrade({ ...page.ours, ...cookie(), origin: evil }), 403);
    assert.equal(await upgrade({ host: page.ours.host, ...cookie() }), 403, 'no origin');
    assert.equal(await upgrade({ ...cookie(), host: 'evil.example', origin: evil }), 403);
    for (const name of ['evil.example', `evil.example:${http.port}`, '127.0.0.1', 'localhost', `[::1]:${http.port}`]) {
      assert.equal((await page.ask('/', { host: name })).status, 403, name);
      assert.equal((await page.ask(`/image/${project}/7/thumb/right`, { host: name, ...cookie() })).status, 403, name);
    }
    const foreign = { host: page.ours.host, ...cookie(), 'sec-fetch-site': 'same-site' };
    assert.equal((await page.ask(`/image/${project}/7/thumb/right`, foreign)).status, 403);
    assert.equal(await exchange(token), 200, 'the token is still good for our own page');
  });

  test('another local user’s page, which the browser gives our cookie to, lacks the second secret', async () => {
    const headers = { ...page.ours, ...cookie() };
    assert.equal(await upgrade(headers), 101);
    assert.equal(await upgrade(headers, []), 403);
    assert.equal(await upgrade(headers, ['acclimate']), 403);
    assert.equal(await upgrade(headers, ['acclimate', `key.${visitor.secret}x`]), 403);
    assert.equal(await upgrade(headers, [`key.${visitor.secret}`]), 403, 'not our protocol');
    assert.equal(await upgrade(page.ours), 403, 'the secret without the cookie');
    assert.equal(await upgrade({ ...page.ours, cookie: `${visitor.cookie}x` }), 403);
    assert.equal(await upgrade(headers, protocolsOf(visitor), '/other'), 403);
    const other = await page.follow(http.link('Ann'));
    assert.equal(await upgrade({ ...page.ours, cookie: other.cookie }), 403, 'the secret of another browser');
  });

  test('nobody but the owner makes links', async () => {
    const body = JSON.stringify({ rater: 'Mallory' });
    const { host: name } = page.ours;
    for (const headers of [
      { host: name },
      { host: name, authorization: 'Bearer ' },
      { host: name, authorization: `Bearer ${visitor.secret}` },
      { ...page.ours, ...cookie() },
    ]) {
      assert.equal((await page.ask('/link', headers, body)).status, 403);
    }
  });

  test('an address of a picture without the right key, or without the cookie, shows nothing', async () => {
    const headers = { host: page.ours.host, ...cookie() };
    const address = `/image/${project}/7/thumb`;
    assert.equal((await page.ask(`${address}/right`, headers)).status, 200);
    assert.equal((await page.ask(`${address}/wrong`, headers)).status, 403);
    assert.equal((await page.ask('/preview/wrong', headers)).status, 403);
    assert.equal((await page.ask(`${address}/right`, { host: page.ours.host })).status, 403);
    for (const unsigned of [address, `${address}/`, `/image/${project}/7`, '/image', '/preview/', '/export/']) {
      assert.equal((await page.ask(unsigned, headers)).status, 404, unsigned);
    }
  });

  test('no name leads out of where it belongs', async () => {
    const headers = { host: page.ours.host, ...cookie() };
    const names = ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/..%5csecret.txt', '/%00', '/%'];
    for (const name of [
      ...names,
      `/image/${project}/..%2f..%2fsecret.txt/thumb/right`,
      `/image/${project}/7/thumb/..%2f..%2fsecret.txt`,
      `/image/..%2f..%2f/7/thumb/right`,
      `/image/${encodeURIComponent(folder)}/7/thumb/right`,
      `/image/${project}/-1/thumb/right`,
      `/image/${project}/7e3/thumb/right`,
      `/image/${project}/7/full/right`,
      `/preview/${'k'.repeat(65)}`,
      '/export/..%2fsecret.txt',
      `/${'n'.repeat(5000)}`,
    ]) {
      const { status, body } = await page.ask(name, headers);
      assert.equal(status, 404, name);
      assert.equal(body, '');
    }
    assert.equal((await page.ask('//', headers)).status, 400);
  });

  test('a message of 100 MB is refused before it is read, and costs its sender the connection', async () => {
    const { socket } = await page.upgrade('/rpc', { ...page.ours, ...cookie() }, protocolsOf(visitor));
    const closed = once(socket, 'close');
    socket.send(Buffer.alloc(100e6, 'x'), () => undefined);
    assert.equal((await closed)[0], 1009);
    await stillWorks();
  });

  test('headers without end are cut off', async () => {
    const { status } = await page.ask('/', { ...page.ours, 'x-more': 'x'.repeat(20_000) });
    assert.equal(status, 431);
  });

  test('a thousand sockets: 32 are opened, the others refused, and the app goes on', async () => {
    const headers = { ...page.ours, ...cookie() };
    const open: WebSocket[] = [];
    const statuses = new Map<number, number>();
    for (let wave = 0; wave < 20; wave++) {
      const tries = Array.from({ length: 50 }, () => page.upgrade('/rpc', headers, protocolsOf(visitor)));
      for (const { status, socket } of await Promise.all(tries)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 101) open.push(socket);
      }
    }
    assert.deepEqual(Object.fromEntries(statuses), { 101: 32, 503: 968 });
    assert.equal((await page.ask('/')).status, 200);
    const gone = open.map((socket) => once(socket, 'close'));
    open.forEach((socket) => socket.close());
    await Promise.all(gone);
    await stillWorks();
  });

  test('a thousand silent connections are not kept, and what is open goes on', async () => {
    const { socket } = await page.upgrade('/rpc', { ...page.ours, ...cookie() }, protocolsOf(visitor));
    const client = connect(coreCalls, coreEvents, webSocketPort(socket));
    const silent = Array.from({ length: 1000 }, (): Socket => connectTcp(http.port, '127.0.0.1'));
    let closed = 0;
    await new Promise<void>((resolve) => {
      for (const one of silent) {
        one.on('error', () => undefined);
        one.resume();
        one.once('close', () => {
          closed += 1;
          if (closed >= 1000 - 256) resolve();
        });
      }
    });
    assert.equal((await client.call('audit.verify', { project: '' })).ok, true);
    silent.forEach((one) => one.destroy());
    client.close();
  });
});
