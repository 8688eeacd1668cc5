import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { MessagePort } from 'node:worker_threads';
import { portMessage } from '../../../src/contract/bridge.ts';
import { coreCalls, coreEvents } from '../../../src/contract/core-calls.ts';
import { ownSeat } from '../../../src/contract/seat.ts';
import { connect } from '../../../src/rpc/connect.ts';
import { messagePort } from '../../../src/rpc/transports.ts';
import { fakeElectron, FakeContents, openApp } from './recorder.ts';

const project = 'a9c1f2b4-7c1d-4f5e-9a3b-0d1e2f3a4b5c';
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await nextTurn();
};

describe('the window, over a recorder of Electron', { timeout: 30_000 }, () => {
  let folder: string;
  const opened: Awaited<ReturnType<typeof openApp>>[] = [];
  const clients: { close(): void }[] = [];
  const open = async (...more: [NodeJS.Platform?, Parameters<typeof openApp>[2]?]) => {
    const app = await openApp(folder, ...more);
    opened.push(app);
    return app;
  };
  type App = Awaited<ReturnType<typeof openApp>>;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acclimate-main-'));
    mkdirSync(join(folder, 'renderer'));
    writeFileSync(
      join(folder, 'renderer', 'index.html'),
      '<!doctype html><title>Acclimate</title><meta property="csp-nonce" nonce="" />',
    );
    writeFileSync(join(folder, 'secret.txt'), 'secret');
  });
  after(() => {
    clients.forEach((client) => client.close());
    opened.forEach(({ app }) => app.emit('will-quit'));
    rmSync(folder, { recursive: true });
  });

  const coreOf = (app: App) => {
    app.ipc.emit('request-port', app.event());
    const { channel, message, ports } = app.window.webContents.posted.at(-1)!;
    assert.deepEqual([channel, message], ['port', portMessage]);
    const client = connect(coreCalls, coreEvents, messagePort(ports[0] as MessagePort));
    clients.push(client);
    return client;
  };
  const row = (state: string) => ({
    id: 'r1',
    kind: 'one-click',
    state,
    createdAt: '',
    finishedAt: null,
    summary: '',
    fraction: 0.5,
    error: null,
    errorCode: null,
  });

  test('is isolated, sandboxed, in memory, and starts without Chromium’s own traffic', async () => {
    const { window, app, sessions, session, state } = await open();
    const { preload, partition, ...preferences } = window.options.webPreferences;
    assert.equal(preload, join(folder, 'preload', 'index.cjs'));
    assert.deepEqual(preferences, {
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    });
    assert.deepEqual([...sessions.keys()], [partition]);
    assert(!String(partition).startsWith('persist:'));
    assert(app.isSandboxed && session.spells === false);
    for (const name of ['disable-background-networking', 'disable-component-update', 'no-proxy-server']) {
      assert(app.switches.has(name), name);
    }
    assert.equal(app.switches.get('host-resolver-rules'), 'MAP * ~NOTFOUND');
    assert.equal(window.url, 'acclimate://app/');
    assert.equal(state.schemes.length, 1);
  });

  test('stays where it is, and permits nothing but what the page itself needs', async () => {
    const { window, session } = await open();
    const contents = window.webContents;
    assert.deepEqual(contents.windowOpen?.(), { action: 'deny' });
    const isPrevented = (event: string, url = 'https://evil.example/'): boolean => {
      let prevented = false;
      contents.emit(event, { url, preventDefault: () => (prevented = true) });
      return prevented;
    };
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
      assert(isPrevented(event), event);
    }
    assert(isPrevented('will-navigate', 'acclimate://app.evil.example/'));
    assert(!isPrevented('will-navigate', 'acclimate://app/#/home'));
    const permits = (permission: string, requestingUrl: string): boolean => {
      let is = false;
      session.permission?.(contents, permission, (answer) => (is = answer), { requestingUrl });
      return is;
    };
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read']) {
      assert.equal(permits(permission, 'acclimate://app/'), false, permission);
      assert.equal(session.check?.(contents, permission, 'acclimate://app'), false, permission);
    }
    assert.equal(permits('fullscreen', 'acclimate://app/'), true);
    assert.equal(permits('fullscreen', 'https://evil.example/'), false);
    assert.equal(session.device?.(), false);
    let prevented = false;
    session.emit('will-download', { preventDefault: () => (prevented = true) });
    assert(prevented);
  });

  test('blocks what would leave the computer, and tells core how often', async () => {
    const { session, reports, killCore } = await open();
    const isBlocked = (url: string): boolean => {
      let is = false;
      session.request?.({ url }, ({ cancel }) => (is = cancel));
      return is;
    };
    assert(!isBlocked('acclimate://app/main.js') && !isBlocked('blob:acclimate://app/1'));
    assert(isBlocked('https://evil.example/') && isBlocked('http://127.0.0.1/') && isBlocked('file:///etc/passwd'));
    const last = (): unknown => reports.at(-1);
    await until(() => (last() as { requests?: number } | undefined)?.requests === 3);
    assert.deepEqual(last(), { process: 'window', requests: 3 });
    reports.length = 0;
    killCore();
    await until(() => reports.length > 0);
    assert.deepEqual(last(), { process: 'window', requests: 3 }, 'a new core knows it too');
  });

  test('serves the page and pictures by key, under the policy, and nothing else', async () => {
    const { session } = await open();
    const ask = (address: string, init: RequestInit = {}): Promise<Response> =>
      session.page!(new Request(address, init));
    const page = await ask('acclimate://app/');
    const policy = page.headers.get('content-security-policy')!;
    const nonce = /'nonce-([^']{20,})'/.exec(policy)![1]!;
    assert((await page.text()).includes(`nonce="${nonce}"`));
    assert(policy.startsWith("default-src 'none'; script-src 'self'") && !policy.includes('unsafe'));
    const picture = await ask(`acclimate://app/image/${project}/7/thumb/right`);
    assert.equal(await picture.text(), 'picture 7');
    assert.equal(picture.headers.get('content-type'), 'image/webp');
    assert.match(picture.headers.get('cache-control')!, /immutable/);
    assert.equal((await ask(`acclimate://app/image/${project}/7/thumb/wrong`)).status, 403);
    for (const address of [
      'acclimate://app/../secret.txt',
      'acclimate://app/..%2fsecret.txt',
      `acclimate://app/image/${project}/..%2f7/thumb/right`,
      'acclimate://other/',
      'acclimate://app/none.js',
    ]) {
      assert.equal((await ask(address)).status, 404, address);
    }
    assert.equal((await ask('acclimate://app/', { method: 'POST' })).status, 404);
  });

  test('gives a port to core to its own page alone, with the seat of the person at this computer', async () => {
    const app = await open();
    const core = coreOf(app);
    assert.deepEqual(JSON.parse((await core.call('audit.verify', { project })).head), ownSeat);
    core.close();
    const before = app.window.webContents.posted.length;
    app.ipc.emit('request-port', app.event({ origin: 'https://evil.example' }));
    app.ipc.emit('request-port', app.event({ parent: {} }));
    app.ipc.emit('request-port', { ...app.event(), senderFrame: null });
    app.ipc.emit('request-port', { ...app.event(), sender: new FakeContents() });
    app.ipc.emit('request-port', app.event(), 'more');
    assert.equal(app.window.webContents.posted.length, before);
  });

  test('asks the system for folders and files, for its own page and with parsed payloads', async () => {
    const { handlers, event, state, ipc } = await open();
    assert.equal(await handlers.get('pick-folder')!(event()), '/chosen');
    assert.equal(await handlers.get('pick-file')!(event()), '/chosen');
    assert.equal(await handlers.get('pick-save')!(event(), 'table.csv'), '/chosen/table.csv');
    assert.deepEqual(state.dialogs, [
      { properties: ['openDirectory'] },
      { properties: ['openFile'] },
      { defaultPath: 'table.csv' },
    ]);
    assert.equal(await handlers.get('pick-folder')!(event({ origin: 'https://evil.example' })), null);
    assert.equal(await handlers.get('pick-save')!(event(), { name: 'table.csv' }), null);
    assert.equal(state.dialogs.length, 3);
    state.picked = { canceled: true, filePaths: [], filePath: undefined };
    assert.equal(await handlers.get('pick-folder')!(event()), null);
    assert.equal(await handlers.get('pick-save')!(event(), 'table.csv'), null);
    ipc.emit('show-in-folder', event(), folder);
    ipc.emit('show-in-folder', event(), 'relative');
    ipc.emit('show-in-folder', event(), 7);
    ipc.emit('show-in-folder', event({ origin: 'https://evil.example' }), folder);
    assert.deepEqual(state.shown, [folder]);
  });

  test('shows the page’s menu, and tells the page what was chosen', async () => {
    const menu = [
      {
        title: 'Bearbeiten',
        items: [
          { id: 'edit.undo', title: 'Rückgängig', keys: '$mod+Shift+z' },
          { id: null, title: '', keys: null },
          { id: 'label.note', title: 'Notiz', keys: 'n' },
          { id: 'go.label', title: 'Benennen', keys: 'g l' },
        ],
      },
    ];
    const linux = await open('linux');
    linux.ipc.emit('set-menu', linux.event(), menu);
    const [edit] = linux.state.menus.at(-1)!;
    assert.equal(edit?.label, 'Bearbeiten');
    const [undo, line, note, go] = edit!.submenu!;
    assert.deepEqual([undo?.accelerator, undo?.registerAccelerator], ['CommandOrControl+Shift+Z', false]);
    assert.equal(line?.type, 'separator');
    assert.deepEqual([note?.accelerator, go?.accelerator], [undefined, undefined], 'text fields keep their letters');
    undo!.click!();
    assert.deepEqual(linux.window.webContents.sent, [['command', 'edit.undo']]);
    const before = linux.state.menus.length;
    linux.ipc.emit('set-menu', linux.event({ origin: 'https://evil.example' }), menu);
    linux.ipc.emit('set-menu', linux.event(), [{ title: 7 }]);
    assert.equal(linux.state.menus.length, before);

    const mac = await open('darwin');
    mac.ipc.emit('set-menu', mac.event(), menu);
    assert.deepEqual(
      mac.state.menus.at(-1)!.map(({ label, role }) => label ?? role),
      ['appMenu', 'Bearbeiten', 'editMenu', 'windowMenu'],
    );
  });

  test('keeps the computer awake while a run goes on and it is plugged in', async () => {
    const app = await open();
    const core = coreOf(app);
    await core.call('audit.verify', { project });
    const runIs = async (state: string): Promise<void> => {
      const heard = new Promise<void>((resolve) => core.on('run.state', () => resolve()));
      app.emit('run.state', { project, row: row(state) } as never);
      await heard;
      await nextTurn();
    };
    await runIs('running');
    assert.equal(app.power.blockers.size, 1);
    app.power.isOnBattery = true;
    app.power.emit('on-battery');
    assert.equal(app.power.blockers.size, 0);
    app.power.isOnBattery = false;
    app.power.emit('on-ac');
    assert.equal(app.power.blockers.size, 1);
    await runIs('finished');
    assert.equal(app.power.blockers.size, 0);
    await runIs('running');
    app.killCore();
    await until(() => app.power.blockers.size === 0);
  });

  test('a window that is closed while a run goes on waits in the tray; quitting saves the run first', async () => {
    const app = await open();
    const core = coreOf(app);
    await core.call('audit.verify', { project });
    app.emit('run.state', { project, row: row('running') } as never);
    await until(() => app.power.blockers.size === 1);
    assert.equal(app.window.close(), true);
    assert.equal(app.window.did.at(-1), 'hide');
    app.state.trays[0]!.menu[0]!.click!();
    assert.deepEqual(app.window.did.slice(-2), ['show', 'focus']);

    let ended = false;
    app.app.on('will-quit', () => (ended = true));
    app.app.quit();
    await until(() => app.pauses.length === 1);
    assert.deepEqual(app.pauses, [{ project, run: 'r1', closing: true }]);
    assert(!ended, 'it waits for the saved point');
    app.emit('run.state', { project, row: row('paused') } as never);
    await until(() => ended);
  });

  test('without a tray the window is minimised; without a run it closes and the app ends', async () => {
    const app = await open('linux', ({ state }) => (state.hasTray = false));
    const core = coreOf(app);
    await core.call('audit.verify', { project });
    app.emit('run.state', { project, row: row('running') } as never);
    await until(() => app.power.blockers.size === 1);
    assert.equal(app.window.close(), true);
    assert.equal(app.window.did.at(-1), 'minimize');
    app.app.emit('second-instance');
    assert.deepEqual(app.window.did.slice(-3), ['restore', 'show', 'focus']);
    app.emit('run.state', { project, row: row('finished') } as never);
    await until(() => app.power.blockers.size === 0);
    assert.equal(app.window.close(), false);
  });

  test('a second start shows the window of the first', async () => {
    const parts = fakeElectron();
    parts.app.isFirst = false;
    const { runApp } = await import('../../../src/main/app.ts');
    const start = (): never => assert.fail('nothing may start');
    await runApp({ electron: parts.electron, start, built: folder, icon: '', platform: 'linux' });
    assert.equal(parts.app.quits, 1);
    assert.equal(parts.windows.length, 0);
  });

  test('a policy that is not understood opens no window and says so', async () => {
    const policy = join(folder, 'policy.json');
    writeFileSync(policy, '{');
    process.env['ACCLIMATE_POLICY'] = policy;
    try {
      const parts = fakeElectron();
      const { runApp } = await import('../../../src/main/app.ts');
      const start = (): never => assert.fail('nothing may start');
      await runApp({ electron: parts.electron, start, built: folder, icon: '', platform: 'linux' });
      assert.match(parts.state.errors[0] ?? '', /policy file/);
      assert.equal(parts.windows.length, 0);
      assert.equal(parts.app.quits, 1);
    } finally {
      delete process.env['ACCLIMATE_POLICY'];
    }
  });
});
