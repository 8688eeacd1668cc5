import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { electronBinary, quietEnvironment } from '../../scripts/node24.mjs';
import { settled } from './app.ts';
import { watch, type Watch } from './browser.ts';
import { root } from './few-images.ts';

/** Why stories are not told in the window here; false where they are. */
export const noWindow = electronBinary() === undefined && "Electron's binary is not here";

export interface Window {
  readonly page: Page;
  readonly folder: string;
  readonly seen: Watch;
  /** Makes the system's folder picker answer. */
  answer(folder: string): Promise<void>;
  stop(): Promise<void>;
}

/** The app in its window, with a fresh home. */
export async function startWindow(): Promise<Window> {
  const builder = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  const built = spawnSync(process.execPath, [builder, 'build', '--logLevel', 'error'], { cwd: root, encoding: 'utf8' });
  assert.equal(built.status, 0, `${built.stdout}${built.stderr}`);
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-window-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  const app: ElectronApplication = await _electron.launch({
    executablePath: electronBinary()!,
    args: [root, '--lang=en'],
    env: { ...(quietEnvironment as Record<string, string>), XDG_CONFIG_HOME: home, APPDATA: home, HOME: home },
  });
  const page = await app.firstWindow();
  const seen = watch(page);
  await settled(page);
  return {
    page,
    folder,
    seen,
    answer: (chosen) =>
      app.evaluate(({ dialog }, path) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
      }, chosen),
    async stop() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
