import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ElectronApplication } from 'playwright-core';
import { coreCalls, coreEvents } from '../../../src/contract/core-calls.ts';
import { ownSeat } from '../../../src/contract/seat.ts';
import { connect } from '../../../src/rpc/connect.ts';
import { portOfWindow } from '../../e2e/window-core.ts';
import { openApp } from './recorder.ts';

test('a story in the window speaks with core beside the page', { timeout: 30_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-main-'));
  const opened = await openApp(folder);
  t.after(() => {
    opened.app.emit('will-quit');
    rmSync(folder, { recursive: true });
  });
  const { webContents } = opened.window;
  Object.assign(webContents, { mainFrame: opened.event().senderFrame });
  const parts = { BrowserWindow: { getAllWindows: () => [{ webContents }] }, ipcMain: opened.ipc };
  // What Playwright does in the other process.
  const evaluate = (work: (electron: unknown, given: unknown) => unknown, given: unknown) =>
    Promise.resolve(work(parts, given));
  const port = await portOfWindow({ evaluate } as unknown as ElectronApplication);
  const core = connect(coreCalls, coreEvents, port);
  const { head } = await core.call('audit.verify', { project: 'a9c1f2b4-7c1d-4f5e-9a3b-0d1e2f3a4b5c' });
  assert.deepEqual(JSON.parse(head), ownSeat);
  const change = { project: 'a9c1f2b4-7c1d-4f5e-9a3b-0d1e2f3a4b5c', seq: 3, images: [1, 2] };
  const told = new Promise((resolve) => core.on('labels.changed', resolve));
  opened.emit('labels.changed', change);
  assert.deepEqual(await told, change);
  assert.deepEqual(webContents.posted, [], 'the page was sent nothing');
  const closed = new Promise<void>((resolve) => port.onClose(resolve));
  core.close();
  await closed;
});
