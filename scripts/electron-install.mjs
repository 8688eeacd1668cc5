// `npm run electron:install`: downloads Electron's binary, on request only. Nothing else fetches outside the registry.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { electronBinary, findNode24, root } from './node24.mjs';
import { setupOrExit } from './setup.mjs';

setupOrExit();
// The one command that may use the network, so it runs without the guard.
const result = spawnSync(findNode24(), [join(root, 'node_modules', 'electron', 'install.js')], { encoding: 'utf8' });
const path = electronBinary();
if (result.status !== 0 || !path) {
  const reason =
    /\b(?:E[A-Z]{4,}|HTTPError: .*|Response code .*)/.exec(result.stderr)?.[0] ??
    'see its address in node_modules/electron';
  process.stderr.write(
    `Electron could not be downloaded (${reason}); \`npm start\` serves the same page in a browser.\n`,
  );
  process.exit(1);
}
process.stdout.write('Electron is installed; `npm start` opens the window.\n');
