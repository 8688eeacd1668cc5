// Installs what the lock file names, once. No dependencies; runs on any Node from 20 on.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './node24.mjs';

/** A reason to stop that a person can act on. */
class SetupError extends Error {}

const oldestNode = 20;

/** What is installed is right for one lock file on one platform; this names both. */
export function stampOf(lockText) {
  return `${createHash('sha256').update(lockText).digest('hex')} ${process.platform}-${process.arch}\n`;
}

/** Whether `node_modules`, by npm's own record of it, holds exactly what the lock file names for this platform. */
export function holdsWhatIsLocked(lock, installed) {
  const found = installed.packages ?? {};
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== '');
  const complete = wanted.every(([path, entry]) => {
    const there = found[path];
    return there ? there.version === entry.version && there.integrity === entry.integrity : isOptional(entry);
  });
  return complete && Object.keys(found).every((path) => path in lock.packages);
}

/** Optional for everyone, or made for another platform; npm leaves such packages out without an error. */
function isOptional(entry) {
  return entry.optional === true || entry.peer === true || entry.devOptional === true;
}

function isUpToDate(folder, lockText) {
  const stampPath = join(folder, 'node_modules', '.acclimate-setup');
  const stamp = stampOf(lockText);
  if (existsSync(stampPath)) return readFileSync(stampPath, 'utf8') === stamp;
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  if (!holdsWhatIsLocked(JSON.parse(lockText), JSON.parse(readFileSync(record, 'utf8')))) return false;
  writeFileSync(stampPath, stamp);
  return true;
}

/** @type {[RegExp, string][]} What npm prints when it fails, and the sentence a person needs; the first that fits counts. */
const failures = [
  [/ENOSPC/, 'The disk is full; free about 2 GB and run the same command again.'],
  [/EACCES|EPERM|EROFS/, 'This folder cannot be written to; make it writable and run the same command again.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/,
    'The package registry cannot be reached; check the connection (or the registry npm is set to) and run the same command again.',
  ],
  [/EINTEGRITY/, 'A package is not the one the lock file names; clear the npm cache and run the same command again.'],
  [/EUSAGE/, 'package.json and package-lock.json do not fit together; get both from the same version.'],
];

/** The sentence for a failed installation; where none fits, what npm said comes first. */
export function explainFailure(output) {
  const known = failures.find(([pattern]) => pattern.test(output));
  return known ? known[1] : `${output.trim()}\nThe installation failed; what npm said is above.`;
}

/** How to start npm: the one that started this script, else the one on the PATH. */
function npmCommand() {
  const current = process.env.npm_execpath;
  if (current && basename(current) === 'npm-cli.js')
    return { command: process.execPath, first: [current], shell: false };
  return { command: 'npm', first: [], shell: process.platform === 'win32' };
}

/** Installs into `folder` if needed; throws a SetupError with one sentence. */
export function setup(folder = root) {
  if (Number(process.versions.node.split('.')[0]) < oldestNode)
    throw new SetupError(`Acclimate needs Node ${oldestNode} or newer; this is ${process.versions.node}.`);
  const lockText = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  if (isUpToDate(folder, lockText)) return;

  process.stderr.write('Setting up Acclimate from the lock file; this takes a minute or two, once.\n');
  const npm = npmCommand();
  const result = spawnSync(
    npm.command,
    [
      ...npm.first,
      'ci',
      '--ignore-scripts',
      '--include=dev',
      '--include=optional',
      '--loglevel=error',
      '--no-audit',
      '--no-fund',
    ],
    {
      cwd: folder,
      shell: npm.shell,
      encoding: 'utf8',
      // Nothing is fetched outside the registry, whatever a later version of these packages might try.
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', ELECTRON_SKIP_BINARY_DOWNLOAD: '1' },
    },
  );
  if (result.error?.code === 'ENOENT')
    throw new SetupError('npm was not found; it comes with Node: install Node again with npm.');
  if (result.error) throw new SetupError(`npm could not be started (${result.error.code}).`);
  if (result.status !== 0) throw new SetupError(explainFailure(result.stderr));
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', '.acclimate-setup'), stampOf(lockText));
}

/** For scripts: sets up, or prints the one sentence and ends. */
export function setupOrExit() {
  try {
    setup();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) setupOrExit();
