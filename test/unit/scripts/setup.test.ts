import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { explainFailure, holdsWhatIsLocked, stampOf } from '../../../scripts/setup.mjs';
import { makeCheckout, plainEnvironment } from './checkout.ts';

const packageJson = (dependencies: Record<string, string>): string =>
  JSON.stringify({ name: 'checkout', version: '1.0.0', private: true, dependencies });
const lockFile = (dependencies: Record<string, string>): string =>
  JSON.stringify({
    name: 'checkout',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'checkout', version: '1.0.0', dependencies },
      ...Object.fromEntries(
        Object.entries(dependencies).map(([name, version]) => [`node_modules/${name}`, { version }]),
      ),
    },
  });

function checkout(dependencies: Record<string, string>): string {
  return makeCheckout(['scripts', '.npmrc'], {
    'package.json': packageJson(dependencies),
    'package-lock.json': lockFile(dependencies),
  });
}

function runSetup(folder: string, environment: NodeJS.ProcessEnv = {}): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [join(folder, 'scripts/setup.mjs')], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...plainEnvironment(), npm_config_cache: join(folder, 'cache'), ...environment },
  });
}

describe('set-up from the lock file', () => {
  test('installs once, and again when the lock file has changed', () => {
    const folder = checkout({});
    const first = runSetup(folder);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stderr, /^Setting up Acclimate/);
    assert.equal(runSetup(folder).stderr, '');

    writeFileSync(join(folder, 'package-lock.json'), `${lockFile({})}\n`);
    assert.match(runSetup(folder).stderr, /^Setting up Acclimate/);
    assert.equal(
      readFileSync(join(folder, 'node_modules/.acclimate-setup'), 'utf8'),
      stampOf(readFileSync(join(folder, 'package-lock.json'), 'utf8')),
    );
  });

  test('without a registry: one sentence, and the next attempt starts afresh', () => {
    const folder = checkout({ 'is-number': '7.0.0' });
    // Nothing listens on port 1.
    const result = runSetup(folder, { npm_config_registry: 'http://127.0.0.1:1', npm_config_fetch_retries: '0' });
    assert.equal(result.status, 1);
    assert.match(
      result.stderr.trim().split('\n').at(-1)!,
      /^The package registry cannot be reached; .*run the same command again\.$/,
    );
    assert.ok(!existsSync(join(folder, 'node_modules/.acclimate-setup')));
  });

  test('without npm: one sentence', () => {
    const result = runSetup(checkout({}), { PATH: '/nowhere' });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /npm was not found; .*\n$/);
  });
});

describe('what is installed already', () => {
  const entry = (version: string, more: object = {}): object => ({ version, integrity: `sha512-${version}`, ...more });
  const lock = {
    packages: {
      '': {},
      'node_modules/a': entry('1.0.0'),
      'node_modules/b': entry('2.0.0', { optional: true, os: ['win32'] }),
    },
  };

  test('is accepted when it is what the lock file names, less what is for other platforms', () => {
    assert.ok(holdsWhatIsLocked(lock, { packages: { 'node_modules/a': entry('1.0.0') } }));
  });
  test('is not accepted with another version, with other bytes, with something missing, or with something more', () => {
    const wrong = [
      { 'node_modules/a': entry('1.0.1') },
      { 'node_modules/a': { ...entry('1.0.0'), integrity: 'sha512-other' } },
      {},
      { 'node_modules/a': entry('1.0.0'), 'node_modules/c': entry('1.0.0') },
    ];
    for (const packages of wrong) assert.ok(!holdsWhatIsLocked(lock, { packages }), JSON.stringify(packages));
  });
});

test('a failure of npm becomes one sentence', () => {
  const sentences: Record<string, RegExp> = {
    'npm error code ENOSPC': /disk is full/,
    'npm error code EACCES': /cannot be written/,
    'npm error code ENOTFOUND': /registry cannot be reached/,
    'npm error code EINTEGRITY': /not the one the lock file names/,
    'npm error code EUSAGE\nnpm ci can only install when package.json and package-lock.json are in sync':
      /do not fit together/,
    'npm error something else': /installation failed/,
  };
  for (const [output, sentence] of Object.entries(sentences)) assert.match(explainFailure(output), sentence);
});
