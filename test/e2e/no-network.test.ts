import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { copyFewImages, root } from './few-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'acclimate-network-'));
const images = join(folder, 'images');
const project = join(folder, 'project');
const home = join(folder, 'home');
const launcher = join(root, 'bin/acclimate.mjs');
const probe = pathToFileURL(join(root, 'test/fixtures/network/probe.mjs')).href;

/** A user's environment with an empty home, where the runtime would send telemetry: `CI` is not set. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(CI$|GITHUB_|XDG_|ORT_|NODE_|ACCLIMATE_)/.test(name));
  return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home, ...more };
}

/** What native code of a program asks of the kernel is written down where that is permitted. */
const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const log = join(folder, 'strace.log');
const traced = ['-f', '-qq', '-e', 'trace=connect,sendto,sendmsg', '-o', log];
/** Attempts to reach an internet address that is not this machine. */
const attempts = (): string[] =>
  readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /sa_family=AF_INET6?\b/.test(line))
    .filter((line) => !/inet_addr\("127\.|inet_pton\(AF_INET6, "::1"/.test(line));

const acclimate = (args: string[], more: NodeJS.ProcessEnv = {}, tracer: string[] = []): SpawnSyncReturns<string> => {
  const [program, ...rest] = [...tracer, process.execPath, launcher, ...args];
  return spawnSync(program!, rest, { encoding: 'utf8', env: environment(more) });
};

interface Note {
  program: string;
  code: string;
}

/** Runs a command in whose every process something asks for an outside address, and gives what each of them noted. */
function askFromWithin(
  name: string,
  args: string[],
  tracer: string[] = [],
): { result: SpawnSyncReturns<string>; notes: Note[] } {
  const notesFolder = join(folder, name);
  mkdirSync(notesFolder);
  const result = acclimate(args, { NODE_OPTIONS: `--import=${probe}`, PROBE_FOLDER: notesFolder }, tracer);
  const notes = readdirSync(notesFolder).map(
    (file) => JSON.parse(readFileSync(join(notesFolder, file), 'utf8')) as Note,
  );
  return { result, notes };
}

const programs = (notes: Note[]): string[] =>
  [...new Set(notes.map(({ program }) => program.slice(root.length).replaceAll('\\', '/')))].sort();
const notRefused = (notes: Note[]): Note[] => notes.filter(({ code }) => code !== 'ENETOFF');

before(() => {
  mkdirSync(home);
  copyFewImages(images, 24);
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('no process of the main job reaches the network', () => {
  test('importing: every process is refused', () => {
    const { result, notes } = askFromWithin('import', ['import', images, '--project', project, '--json']);
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual(notRefused(notes), []);
    assert.deepEqual(programs(notes), [
      'src/cli/main.ts',
      'src/core/entry.ts',
      'src/core/library/library-thread.ts',
      'src/images/decoder-child.ts',
    ]);
  });

  test('a whole run: every process is refused', () => {
    const tiny = ['--shots', '2', '--draws', '2', '--epochs', '1', '--size', '32', '--seeds', '1', '--regime', 'probe'];
    const { result, notes } = askFromWithin('run', ['run', project, ...tiny, '--json']);
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual(notRefused(notes), []);
    for (const program of ['src/cli/main.ts', 'src/core/entry.ts', 'src/engine/entry.ts']) {
      assert.ok(
        programs(notes).includes(program),
        `${program} was not asked; asked were ${programs(notes).join(', ')}`,
      );
    }
  });

  test('doctor counts what all its processes were refused, and native code opens no socket beyond this machine', () => {
    const { result, notes } = askFromWithin('doctor', ['doctor', '--json'], canTrace ? ['strace', ...traced] : []);
    assert.equal(result.status, 0, result.stderr);
    if (canTrace) assert.deepEqual(attempts(), []);
    assert.deepEqual(notRefused(notes), []);
    const { blockedRequests, telemetryOff } = JSON.parse(result.stdout) as {
      blockedRequests: number;
      telemetryOff: boolean;
    };
    assert.equal(blockedRequests, notes.length);
    assert.ok(notes.length >= 4);
    assert.equal(telemetryOff, true);
  });

  test('the runtime kept no device id and no event store in the home', () => {
    const left = existsSync(home) ? readdirSync(home, { recursive: true }).map(String) : [];
    assert.deepEqual(
      left.filter((path) => /onnx|microsoft|telemetry|\.cache/i.test(path)),
      [],
      left.join('\n'),
    );
  });
});

test('a program that tries is seen by the kernel', { skip: !canTrace && 'strace is not permitted here' }, () => {
  const tries =
    "require('net').connect(80, '192.0.2.1').on('error', () => {}).setTimeout(500, function () { this.destroy(); });";
  spawnSync('strace', [...traced, process.execPath, '--eval', tries], { env: environment() });
  assert.equal(attempts().length, 1);
});
