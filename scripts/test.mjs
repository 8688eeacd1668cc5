// `npm test`: sets up, then runs every check and test under Node 24, without a network where that is permitted.
// With arguments, only the test files whose path starts with one of them: npm test -- test/unit/scripts
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { endAs, findNode24, nodeArguments, ownEnvironment, root, runInside } from './node24.mjs';
import { setupOrExit } from './setup.mjs';

setupOrExit();
const node = findNode24();
const command = [node, ...nodeArguments, join(root, 'scripts', 'test', 'main.mjs'), ...process.argv.slice(2)];

/** Brings up the loopback of the new, otherwise empty network namespace, then becomes the tests. */
const insideNamespace = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
const namespaces = [
  ['unshare', '-n'],
  // Who is not root stays who they are: root would get no window, as Chromium gives it no sandbox.
  ['unshare', '--map-current-user', '--keep-caps', '-n'],
  ['unshare', '-r', '-n'],
];
const permitted =
  process.platform === 'linux' &&
  namespaces.find(([first, ...rest]) => spawnSync(first, [...rest, ...insideNamespace, 'true']).status === 0);

process.stdout.write(
  permitted
    ? 'The tests run in an empty network namespace: only this machine can be reached.\n'
    : 'No network namespace is permitted here: only the guard inside each process keeps the tests off the network.\n',
);
const [first, ...rest] = permitted ? [...permitted, ...insideNamespace, ...command] : command;
const { code, signal } = await runInside(first, rest, {
  cwd: root,
  env: {
    ...ownEnvironment,
    ACCLIMATE_NO_NETWORK: permitted ? 'namespace' : 'guard',
  },
});
endAs(code, signal);
