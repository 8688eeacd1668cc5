import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { electronBinary, hasScreen, ownEnvironment } from '../../scripts/node24.mjs';
import { portMessage } from '../../src/contract/bridge.ts';
import { coreCalls, coreEvents } from '../../src/contract/core-calls.ts';
import { connect } from '../../src/rpc/connect.ts';
import { settled, type Story } from './app.ts';
import { watch } from './browser.ts';
import { root } from './few-images.ts';
import { portOfWindow } from './window-core.ts';

/** Why stories are not told in the window here; false where they are. */
export const noWindow =
  (electronBinary() === undefined && "Electron's binary is not here") ||
  (!hasScreen() && 'there is no screen') ||
  // The window is always in its sandbox.
  (process.getuid?.() === 0 && 'Chromium gives root no sandbox');

/** The app in its window, with a fresh home. */
export async function startWindow(): Promise<Story> {
  const builder = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  const built = spawnSync(process.execPath, [builder, 'build', '--logLevel', 'error'], { cwd: root, encoding: 'utf8' });
  assert.equal(built.status, 0, `${built.stdout}${built.stderr}`);
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-window-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  const frames: unknown[] = [];
  const environment: NodeJS.ProcessEnv = { ...ownEnvironment, XDG_CONFIG_HOME: home, APPDATA: home, HOME: home };
  const launch = async () => {
    const electron = await _electron.launch({
      executablePath: electronBinary()!,
      args: [root, '--lang=en'],
      env: environment as Record<string, string>,
    });
    const page = await electron.firstWindow();
    page.setDefaultTimeout(60_000);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await listen(page, frames);
    const seen = watch(page);
    await settled(page);
    const core = connect(coreCalls, coreEvents, await portOfWindow(electron));
    await core.call('settings.change', { language: 'en' });
    return { electron, page, seen, core };
  };
  let running = await launch();
  return {
    folder,
    get page() {
      return running.page;
    },
    get core() {
      return running.core;
    },
    get seen() {
      return running.seen;
    },
    pid: (name) => childOf(running.electron, name),
    async restart(changes = {}) {
      await running.electron.close();
      await changes.meanwhile?.();
      Object.assign(environment, changes.environment);
      running = await launch();
    },
    async seat(rater) {
      await running.core.call('settings.change', { rater });
      await settled(running.page);
      return { page: running.page, seen: running.seen, frames };
    },
    answer: (chosen) =>
      running.electron.evaluate(({ dialog }, path) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
      }, chosen),
    async saved(press) {
      const file = join(folder, 'saved');
      await running.electron.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
      }, file);
      await press();
      await settled(running.page);
      return file;
    },
    async stop() {
      await running.electron.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Notes every frame that comes to the page, from its next load on, which is now. */
async function listen(page: Page, frames: unknown[]): Promise<void> {
  await page.exposeFunction('storyFrame', (frame: unknown) => void frames.push(frame));
  await page.addInitScript((message) => {
    const { storyFrame } = globalThis as unknown as { storyFrame: (frame: unknown) => void };
    window.addEventListener('message', ({ data, ports: [port] }) => {
      if (data === message) port?.addEventListener('message', (event) => storyFrame(event.data));
    });
  }, portMessage);
  await page.reload();
}

/** Process of core or engine, which the window's main process starts. */
function childOf(electron: ElectronApplication, name: string): number | undefined {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const parent = electron.process().pid;
  const row = rows
    .map((each) => each.trim().split(/\s+/))
    .find(([, ppid, ...args]) => Number(ppid) === parent && args.some((arg) => arg.endsWith(`/${name}/entry.ts`)));
  return row && Number(row[0]);
}
