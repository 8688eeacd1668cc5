import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { coreCalls, coreEvents } from '../../../src/contract/core-calls.ts';
import { AppError } from '../../../src/contract/errors.ts';
import { connect } from '../../../src/rpc/connect.ts';
import { webSocketPort } from '../../../src/rpc/transports.ts';
import { startHost, type Host } from '../../../src/server/host.ts';
import { startHttp, type Http } from '../../../src/server/http.ts';

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** A request whose every header is ours to forge. */
async function ask(port: number, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, headers, method: body === undefined ? 'GET' : 'POST' });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode!, headers: response.headers, body: text };
}

describe('the server for a browser on this computer', { timeout: 60_000 }, () => {
  let folder: string;
  let host: Host;
  let http: Http;
  let ours: { host: string; origin: string };
  let token: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acclimate-http-'));
    await mkdir(join(folder, 'page'));
    await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>Acclimate</title>');
    await writeFile(join(folder, 'secret.txt'), 'secret');
    host = startHost({ entries: { core: new URL('children/core.ts', import.meta.url) } });
    http = await startHttp({ host, port: 0, pageFolder: join(folder, 'page') });
    ours = { host: `127.0.0.1:${http.port}`, origin: `http://127.0.0.1:${http.port}` };
    token = new URL(http.url).hash.replace('#token=', '');
  });
  after(async () => {
    await http.close();
    await host.stop();
    await rm(folder, { recursive: true });
  });

  const logIn = async (): Promise<string> => {
    const { headers } = await ask(http.port, '/session', ours, JSON.stringify({ token }));
    return headers['set-cookie']![0]!.split(';')[0]!;
  };
  const upgradeStatus = async (path: string, headers: Record<string, string>): Promise<number> => {
    const socket = new WebSocket(`ws://127.0.0.1:${http.port}${path}`, { headers });
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.on('open', () => resolve((socket.close(), 101)));
      socket.on('unexpected-response', (_request, response) => resolve((socket.terminate(), response.statusCode!)));
    });
  };

  test('serves the page under a strict policy, and nothing outside its folder', async () => {
    const page = await ask(http.port, '/', ours);
    assert.equal(page.status, 200);
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/%00', '/%']) {
      const answer = await ask(http.port, path, ours);
      assert.equal(answer.status, 404, path);
      assert(!answer.body.includes('secret'));
    }
    assert.equal((await ask(http.port, '//', ours)).status, 400, 'no address');
    assert.equal((await ask(http.port, `/${'n'.repeat(5000)}`, ours)).status, 404, 'a name no file can have');
  });

  test('answers only requests that name this address', async () => {
    for (const name of ['evil.example', `evil.example:${http.port}`, '127.0.0.1', 'localhost']) {
      assert.notEqual((await ask(http.port, '/', { host: name })).status, 200, name);
    }
  });

  test('gives a cookie for the right token to our own page only', async () => {
    assert.equal((await ask(http.port, '/session', ours, JSON.stringify({ token: `${token}x` }))).status, 403);
    assert.equal((await ask(http.port, '/session', ours, 'no json')).status, 400);
    assert.equal((await ask(http.port, '/session', ours, 'x'.repeat(5000))).status, 400);
    const foreign = { ...ours, origin: 'http://evil.example' };
    assert.equal((await ask(http.port, '/session', foreign, JSON.stringify({ token }))).status, 403);
    const { status, headers } = await ask(http.port, '/session', ours, JSON.stringify({ token }));
    assert.equal(status, 204);
    assert.match(headers['set-cookie']![0]!, /HttpOnly; SameSite=Strict/);
  });

  test('opens a socket only with the cookie, from our own page, at our own address', async () => {
    const cookie = await logIn();
    assert.equal(await upgradeStatus('/rpc', { ...ours, cookie }), 101);
    assert.equal(await upgradeStatus('/rpc', ours), 403);
    assert.equal(await upgradeStatus('/rpc', { ...ours, cookie: `${cookie}x` }), 403);
    assert.equal(await upgradeStatus('/rpc', { ...ours, cookie, origin: 'http://evil.example' }), 403);
    assert.equal(
      await upgradeStatus('/rpc', { cookie, host: 'evil.example', origin: 'http://evil.example' }),
      403,
      'a name that was bound again to this address',
    );
    assert.equal(await upgradeStatus('/other', { ...ours, cookie }), 403);
  });

  test('carries the contract, and answers calls in flight when core is killed', async () => {
    const headers = { ...ours, cookie: await logIn() };
    const client = connect(coreCalls, coreEvents, webSocketPort(new WebSocket(`ws://${ours.host}/rpc`, { headers })));
    assert.equal((await client.call('audit.verify', { project: '' })).entries, host.pid('core'));
    const call = client.call(
      'audit.verify',
      { project: 'wait' },
      { onProgress: () => process.kill(host.pid('core')!, 'SIGKILL') },
    );
    await assert.rejects(call, (error) => error instanceof AppError && error.code === 'process.died');
    assert.equal((await client.call('audit.verify', { project: '' })).ok, true);
    client.close();
  });

  test('says when its port is taken, and that the page must be built', async () => {
    await assert.rejects(
      startHttp({ host, port: http.port }),
      (error) => error instanceof AppError && error.code === 'server.port',
    );
    const bare = await startHttp({ host, port: 0, pageFolder: join(folder, 'nothing') });
    assert.equal(bare.isBuilt, false);
    assert.match((await ask(bare.port, '/', { host: `localhost:${bare.port}` })).body, /npm run build/);
    await bare.close();
  });
});
