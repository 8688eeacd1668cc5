import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { coreCalls, coreEvents, type CoreCalls, type CoreEvents } from '../../../src/contract/core-calls.ts';
import { AppError } from '../../../src/contract/errors.ts';
import { connect } from '../../../src/rpc/connect.ts';
import { webSocketPort } from '../../../src/rpc/transports.ts';
import type { Client } from '../../../src/rpc/types.ts';
import { askForLink } from '../../../src/server/control.ts';
import { startHost, type Host } from '../../../src/server/host.ts';
import { startHttp, type Http } from '../../../src/server/http.ts';
import { browser, protocolsOf, type Browser, type Visitor } from './browser.ts';

const project = 'a9c1f2b4-7c1d-4f5e-9a3b-0d1e2f3a4b5c';
const hasCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe('the server for a browser on this computer', { timeout: 60_000 }, () => {
  let folder: string;
  let host: Host;
  let http: Http;
  let page: Browser;
  let visitor: Visitor;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'acclimate-http-'));
    mkdirSync(join(folder, 'page'));
    const index = '<!doctype html><title>Acclimate</title><meta property="csp-nonce" nonce="" />';
    writeFileSync(join(folder, 'page', 'index.html'), index);
    writeFileSync(join(folder, 'page', 'main.js'), 'let a;');
    host = startHost({ entries: { core: new URL('children/core.ts', import.meta.url) } });
    http = await startHttp({ host, pageFolder: join(folder, 'page'), roots: [folder], controlFolder: folder });
    page = browser(http.port);
    visitor = await page.follow(http.url);
  });
  after(async () => {
    await http.close();
    assert.deepEqual(readdirSync(folder), ['page'], 'nothing of the server is left');
    await host.stop();
    rmSync(folder, { recursive: true });
  });

  const open = async (who: Visitor, from = page): Promise<Client<CoreCalls, CoreEvents>> => {
    const { socket } = await from.upgrade('/rpc', { ...from.ours, cookie: who.cookie }, protocolsOf(who));
    assert.equal(socket.protocol, 'acclimate');
    return connect(coreCalls, coreEvents, webSocketPort(socket));
  };
  const seatOf = async (client: Client<CoreCalls, CoreEvents>): Promise<unknown> =>
    JSON.parse((await client.call('audit.verify', { project: '' })).head) as unknown;

  test('serves the page under a strict policy with a nonce of its own each time', async () => {
    const nonces = [];
    for (let time = 0; time < 2; time++) {
      const { status, headers, body } = await page.ask('/');
      assert.equal(status, 200);
      const policy = String(headers['content-security-policy']);
      const [, nonce] = /style-src 'self' 'nonce-([\w+/=]{20,})'/.exec(policy) ?? [];
      assert(nonce !== undefined && body.includes(`<meta property="csp-nonce" nonce="${nonce}" />`));
      for (const part of [
        "default-src 'none'",
        "script-src 'self';",
        "img-src 'self' blob:",
        "frame-ancestors 'none'",
      ]) {
        assert(policy.includes(part), part);
      }
      assert(!policy.includes('unsafe'));
      nonces.push(nonce);
    }
    assert.notEqual(nonces[0], nonces[1]);
    const script = await page.ask('/main.js');
    assert.equal(script.body, 'let a;');
    assert.match(String(script.headers['content-type']), /javascript/);
  });

  test('gives each page a secret of its own, and the cookie to nobody but the browser', async () => {
    const { headers } = await page.ask('/session', page.ours, JSON.stringify({ token: http.link(null).split('=')[1] }));
    assert.match(headers['set-cookie']![0]!, /^acclimate-[\w-]{12}=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
  });

  test('carries the contract, and answers calls in flight when core is killed', async () => {
    const client = await open(visitor);
    assert.equal((await client.call('audit.verify', { project: '' })).entries, host.pid('core'));
    const heard: string[] = [];
    client.on('process.notice', ({ process: name, what }) => heard.push(`${name} ${what}`));
    const call = client.call(
      'audit.verify',
      { project: 'wait' },
      { onProgress: () => process.kill(host.pid('core')!, 'SIGKILL') },
    );
    await assert.rejects(call, hasCode('process.died'));
    assert.equal((await client.call('audit.verify', { project: '' })).ok, true);
    assert.deepEqual(heard, ['core died', 'core restarted']);
    client.close();
  });

  test('tells core who asks: a link for a rater is a seat of its own, also in the same browser', async () => {
    const url = await askForLink(folder, 'Ann');
    const ann = await page.follow(url, { ...page.ours, cookie: visitor.cookie });
    assert.equal(ann.cookie, visitor.cookie);
    const [hers, first] = [await open(ann), await open(visitor)];
    assert.deepEqual(await seatOf(hers), { rater: 'Ann', paths: false, roots: [folder] });
    assert.deepEqual(await seatOf(first), { rater: null, paths: false, roots: [folder] });
    process.kill(host.pid('core')!, 'SIGKILL');
    await new Promise<void>((resolve) => hers.on('process.notice', ({ what }) => what === 'restarted' && resolve()));
    assert.deepEqual(
      await seatOf(hers),
      { rater: 'Ann', paths: false, roots: [folder] },
      'core forgot whose seat it is',
    );
    hers.close();
    first.close();
    assert.equal((statSync(join(folder, `${process.pid}.server.json`)).mode & 0o777).toString(8), '600');
    await assert.rejects(askForLink(join(folder, 'nowhere'), 'Ann'), hasCode('server.none'));
  });

  test('a page that was loaded again keeps its session, and can ask whether it has one', async () => {
    const headers = { ...page.ours, cookie: visitor.cookie };
    const client = await open(visitor);
    client.close();
    (await open(visitor)).close();
    assert.equal((await page.ask('/session', headers, JSON.stringify({ secret: visitor.secret }))).status, 204);
    assert.equal((await page.ask('/session', headers, JSON.stringify({ secret: 'other' }))).status, 403);
  });

  test('gives pictures and exports for their keys', async () => {
    const headers = { host: page.ours.host, cookie: visitor.cookie, 'sec-fetch-site': 'same-origin' };
    const picture = await page.ask(`/image/${project}/7/thumb/right`, headers);
    assert.equal(picture.body, `${project} 7 thumb`);
    assert.equal(picture.headers['content-type'], 'image/webp');
    assert.match(String(picture.headers['cache-control']), /private.*immutable/);
    assert.equal(picture.headers['x-content-type-options'], 'nosniff');
    assert.equal(picture.headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal((await page.ask(`/image/${project}/404/view/right`, headers)).status, 404);
    assert.equal((await page.ask('/preview/right', headers)).status, 500, 'a picture that could hold script');
    const table = await page.ask('/export/right', headers);
    assert.equal(table.body, 'image,class\n'.repeat(1000));
    assert.equal(table.headers['content-disposition'], "attachment; filename*=UTF-8''Z%C3%A4hlung%201.csv");
    assert.equal((await page.ask('/export/wrong', headers)).status, 403);
  });

  test('a page that does nothing for long enough is shut out', async () => {
    let now = 0;
    const idle = { idleMilliseconds: 1000, beatMilliseconds: 5, now: () => now };
    const short = await startHttp({ host, pageFolder: join(folder, 'page'), ...idle });
    const other = browser(short.port);
    const who = await other.follow(short.url);
    const headers = { ...other.ours, cookie: who.cookie };
    const { socket } = await other.upgrade('/rpc', headers, protocolsOf(who));
    const client = connect(coreCalls, coreEvents, webSocketPort(socket));
    now = 900;
    await client.call('audit.verify', { project: '' });
    now = 1800;
    assert.equal((await other.ask(`/image/${project}/7/thumb/right`, headers)).status, 200, 'it did something at 900');
    const closed = once(socket, 'close');
    now = 2000;
    assert.equal((await closed)[0], 1008);
    assert.equal((await other.upgrade('/rpc', headers, protocolsOf(who))).status, 403);
    assert.equal((await other.ask(`/image/${project}/7/thumb/right`, headers)).status, 403);
    await short.close();
  });

  test('listens on a socket file that is its owner’s alone', { skip: process.platform === 'win32' }, async () => {
    const socket = join(folder, 'page.sock');
    writeFileSync(socket, 'left by a server that was killed');
    const filed = await startHttp({ host, socket, pageFolder: join(folder, 'page') });
    assert.equal((statSync(socket).mode & 0o777).toString(8), '600');
    await assert.rejects(startHttp({ host, socket }), hasCode('server.socket'));
    const tunnel = browser(socket);
    const client = await open(await tunnel.follow(filed.url.replace('<port>', '8000')), tunnel);
    assert.equal((await client.call('audit.verify', { project: '' })).ok, true);
    client.close();
    assert.equal((await tunnel.ask('/', { host: 'evil.example' })).status, 403);
    await filed.close();
  });

  test('a server that ends saves the runs that go on', async () => {
    const ending = await startHttp({ host, pageFolder: join(folder, 'page') });
    const other = browser(ending.port);
    const core = await open(await other.follow(ending.url), other);
    await core.call('runs.begin', { project });
    await ending.close();
    const { entries } = await host.connect().call('audit.verify', { project: 'pauses' });
    assert.equal(entries, 1);
  });

  test('says when its port is taken, and that the page must be built', async () => {
    await assert.rejects(startHttp({ host, port: http.port }), hasCode('server.port'));
    const bare = await startHttp({ host, pageFolder: join(folder, 'nothing') });
    assert.equal(bare.isBuilt, false);
    assert.match((await browser(bare.port).ask('/')).body, /npm run build/);
    await bare.close();
  });
});
