import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { coreCalls, coreEvents } from '../../../src/contract/core-calls.ts';
import { connect } from '../../../src/rpc/connect.ts';
import { webSocketPort } from '../../../src/rpc/transports.ts';
import { browser, protocolsOf } from '../server/browser.ts';
import { acclimate, shown, start } from './terminal.ts';

describe('acclimate serve, with the real core', { timeout: 60_000 }, () => {
  let folder: string;
  const before_ = { ...process.env };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acclimate-serve-'));
    mkdirSync(join(folder, 'home'));
    mkdirSync(join(folder, 'shared', 'images'), { recursive: true });
    const home = join(folder, 'home');
    Object.assign(process.env, { HOME: home, XDG_CONFIG_HOME: home, APPDATA: home });
  });
  after(() => {
    process.env = before_;
    rmSync(folder, { recursive: true });
  });

  test('serves until Ctrl-C; a link makes a seat for one rater, below the roots', async () => {
    const none = await acclimate('link', '--rater', 'Ann', '--json');
    assert.equal(none.status, 1);
    assert.match(none.err, /\[server\.none\]/);

    const serving = start('serve', '--root', join(folder, 'shared'), '--root', join(folder, 'home'), '--json');
    await shown(serving, 'Ctrl-C ends the server');
    const linked = await acclimate('link', '--rater', 'Ann', '--json');
    const { url, rater } = JSON.parse(linked.out) as { url: string; rater: string };
    assert.equal(rater, 'Ann');

    const page = browser(Number(new URL(url).port));
    const ann = await page.follow(url);
    const { socket } = await page.upgrade('/rpc', { ...page.ours, cookie: ann.cookie }, protocolsOf(ann));
    const core = connect(coreCalls, coreEvents, webSocketPort(socket));
    assert.deepEqual((await core.call('settings.get', {})).seat, { rater: 'Ann', paths: false });
    const { folders } = await core.call('files.browse', { path: join(folder, 'shared') });
    assert.deepEqual(
      folders.map(({ name }) => name),
      ['images'],
    );
    const refused = (code: string) => (error: unknown) => (error as { code?: string }).code === code;
    await assert.rejects(core.call('files.browse', { path: folder }), refused('seat.path'));
    await assert.rejects(core.call('labels.stack', { project: folder, rater: 'Ben' }), refused('seat.rater'));

    const anybody = JSON.parse((await acclimate('link', '--json')).out) as { url: string };
    const visitor = await page.follow(anybody.url);
    const second = await page.upgrade('/rpc', { ...page.ours, cookie: visitor.cookie }, protocolsOf(visitor));
    const free = connect(coreCalls, coreEvents, webSocketPort(second.socket));
    assert.deepEqual((await free.call('settings.get', {})).seat, { rater: null, paths: false });
    assert.deepEqual((await free.call('privacy.get', {})).connected, [{ rater: 'Ann' }, { rater: null }]);

    serving.child.kill('SIGTERM');
    const { status, out } = await serving.ended;
    assert.equal(status, 0);
    assert.equal((JSON.parse(out) as { port: number }).port, Number(new URL(url).port));
    assert.equal((await acclimate('link', '--rater', 'Ann')).status, 1, 'the server is still told of');
  });

  test('an administrator can switch it off, and a policy that is not understood starts nothing', async () => {
    const policy = join(folder, 'policy.json');
    process.env['ACCLIMATE_POLICY'] = policy;
    writeFileSync(policy, '{"serve": false}');
    const off = await acclimate('serve');
    assert.equal(off.status, 1);
    assert.match(off.err, /\[server\.off\]/);
    writeFileSync(policy, '{"serve": fals');
    for (const command of [['serve'], ['doctor']]) {
      const broken = await acclimate(...command);
      assert.equal(broken.status, 1);
      assert.match(broken.err, /\[policy\.broken\]/);
    }
    delete process.env['ACCLIMATE_POLICY'];
  });
});
