// `npm start`: sets up, builds the page where that is needed, and opens the window; without Electron's binary, or
// without a screen, it serves the same page to a browser on this computer.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { become, electronBinary, endAs, findNode24, hasScreen, root, runInside } from './node24.mjs';
import { setupOrExit } from './setup.mjs';

/** When the newest file of a folder was written, in milliseconds; 0 where there is none. */
function newest(folder) {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

const built = ['main', 'preload', 'renderer'].map((part) => newest(join(root, 'out', part)));
const sources = ['contract', 'rpc', 'guard', 'files', 'processes', 'main', 'preload', 'charts', 'renderer'].map(
  (room) => newest(join(root, 'src', room)),
);

setupOrExit();
if (Math.min(...built) < Math.max(...sources)) {
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const result = spawnSync(findNode24(), [tool, 'build', '--logLevel', 'error'], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}${result.stderr}The page could not be built.\n`);
    process.exit(1);
  }
}

const electron = electronBinary();
if (electron && hasScreen()) {
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...env } = process.env;
  const { code, signal } = await runInside(electron, [root, ...process.argv.slice(2)], {
    env: { ...env, ORT_DISABLE_TELEMETRY: '1' },
  });
  endAs(code, signal);
} else {
  process.stderr.write(
    electron
      ? 'There is no screen here, so the same page is served to a browser on this computer.\n'
      : 'Electron is not installed (`npm run electron:install` downloads it), so the same page is served to a browser on this computer.\n',
  );
  await become('src/cli/main.ts', ['serve', ...(hasScreen() ? ['--open'] : []), ...process.argv.slice(2)]);
}
