import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { blockedRequests } from '../../../src/guard/no-network.ts';

// Addresses of TEST-NET-1 and a reserved name: nobody answers them, so a guard that fails would hang or fail otherwise.
const outside = '192.0.2.1';
const outsideName = 'acclimate.invalid';

/** Runs a call that must fail, and gives the code it failed with and by how much the count rose. */
async function refusal(
  attempt: (failed: (error: unknown) => void) => void,
): Promise<{ code: unknown; counted: number }> {
  const before = blockedRequests();
  const error = await new Promise<unknown>((resolve) => attempt(resolve));
  const cause = (error as { cause?: unknown }).cause ?? error;
  return { code: (cause as { code?: unknown }).code, counted: blockedRequests() - before };
}
const off = { code: 'ENETOFF', counted: 1 };

describe('outside addresses are refused and counted', () => {
  const attempts: Record<string, (failed: (error: unknown) => void) => void> = {
    'net.connect(port, host)': (failed) => net.connect(80, outside).on('error', failed),
    'net.connect(options)': (failed) => net.connect({ port: 80, host: outsideName }).on('error', failed),
    'new Socket().connect': (failed) => new net.Socket().connect(80, outside).on('error', failed),
    'tls.connect': (failed) => tls.connect(443, outside).on('error', failed),
    'http.get by address': (failed) => http.get(`http://${outside}/`).on('error', failed),
    'https.get by name': (failed) => https.get(`https://${outsideName}/`).on('error', failed),
    'http.get by IPv6': (failed) => http.get('http://[2001:db8::1]/').on('error', failed),
    'fetch by name': (failed) => void fetch(`http://${outsideName}/`).catch(failed),
    'dns.lookup': (failed) => dns.lookup(outsideName, failed),
    'dns.promises.lookup': (failed) => void dns.promises.lookup(outsideName).catch(failed),
    'dns.resolve4': (failed) => dns.resolve4(outsideName, failed),
    'dns.promises.resolveTxt': (failed) => void dns.promises.resolveTxt(outsideName).catch(failed),
    'Resolver.resolveSrv': (failed) => void new dns.promises.Resolver().resolveSrv(outsideName).catch(failed),
    'dns.reverse': (failed) => dns.reverse(outside, failed),
    'a look-up of its own for localhost': (failed) =>
      net
        .connect({ port: 80, host: 'localhost', lookup: (_name, _options, done) => done(null, outside, 4) })
        .on('error', failed),
    'listening on every interface': (failed) => net.createServer().on('error', failed).listen(0),
    'a pipe of another computer': (failed) => net.connect('\\\\server\\pipe\\x').on('error', failed),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    test(name, async () => assert.deepEqual(await refusal(attempt), off));
  }

  test('WebSocket', async () => {
    const before = blockedRequests();
    await new Promise((resolve) => (new WebSocket(`ws://${outside}/`).onerror = resolve));
    assert.equal(blockedRequests() - before, 1);
  });

  test('dgram send and connect', async () => {
    const socket = dgram.createSocket('udp4');
    assert.deepEqual(await refusal((failed) => socket.send('x', 53, outside, failed)), off);
    assert.deepEqual(await refusal((failed) => socket.send(Buffer.from('xyz'), 0, 3, 53, outsideName, failed)), off);
    assert.deepEqual(await refusal((failed) => socket.connect(53, outside, failed as () => void)), off);
    assert.throws(() => socket.addMembership('224.0.0.114'), { code: 'ENETOFF' });
    socket.close();
  });
});

describe('this machine stays reachable', () => {
  const server = http.createServer((_request, response) => response.end('here'));
  let port = 0;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as net.AddressInfo).port;
  });
  after(() => server.close());

  test('by address and by name, and nothing is counted', async () => {
    const before = blockedRequests();
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
      assert.equal(await (await fetch(`http://${host}:${port}/`)).text(), 'here', host);
    }
    assert.equal(
      await new Promise((resolve) => dns.lookup('localhost', (_error, address) => resolve(net.isIP(address) > 0))),
      true,
    );
    assert.equal(blockedRequests(), before);
  });

  test('by a socket file', { skip: process.platform === 'win32' && 'Windows has pipes instead' }, async () => {
    const path = join(tmpdir(), `acclimate-guard-${process.pid}.sock`);
    const echo = net.createServer((socket) => socket.end('pipe'));
    await new Promise<void>((resolve) => echo.listen(path, resolve));
    const text = await new Promise((resolve) => net.connect(path).on('data', (data) => resolve(data.toString())));
    echo.close();
    assert.equal(text, 'pipe');
  });

  test('by datagram', async () => {
    const receiver = dgram.createSocket('udp4');
    const received = new Promise((resolve) => receiver.on('message', (message) => resolve(message.toString())));
    await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
    const sender = dgram.createSocket('udp4');
    sender.send('hello', receiver.address().port, '127.0.0.1');
    assert.equal(await received, 'hello');
    sender.close();
    receiver.close();
  });
});

describe('what a guarded process starts is guarded', () => {
  const guard = new URL('../../../src/guard/no-network.ts', import.meta.url);
  const script = fileURLToPath(new URL('../../fixtures/guard/asks-outside.cjs', import.meta.url));

  test('its children, their children and their worker threads', async () => {
    const child = fork(script, ['fork again'], { execArgv: [`--import=${guard.href}`] });
    const before = blockedRequests();
    const codes = await new Promise((resolve) => child.on('message', resolve));
    assert.deepEqual(codes, { process: 'ENETOFF', thread: 'ENETOFF' });
    assert.equal(blockedRequests() - before, 2);
  });

  test('and without the guard nothing else refuses', async () => {
    const child = fork(script, { execArgv: [] });
    const codes = (await new Promise((resolve) => child.on('message', resolve))) as Record<string, string>;
    assert.ok(codes['process'] !== 'ENETOFF' && codes['thread'] !== 'ENETOFF');
  });
});
