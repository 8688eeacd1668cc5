import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeCheckout, otherNode, plainEnvironment, root } from './checkout.ts';

const launch = join(root, 'test/fixtures/launcher/launch.mjs');
const nodes = { 'this Node': process.execPath, 'the Node of this computer': otherNode() };

interface Hello {
  pid: number;
  node: string;
  telemetry: string;
  compiled: string;
  args: string[];
}

async function hello(launcher: ChildProcess): Promise<Hello> {
  const [first] = (await once(launcher.stdout!, 'data')) as [Buffer];
  return JSON.parse(first.toString()) as Hello;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const [name, node] of Object.entries(nodes)) {
  describe(`started by ${name}`, { skip: node === undefined && 'there is no Node 20 to 23 on the PATH' }, () => {
    const start = (...args: string[]): ChildProcess => spawn(node!, [launch, ...args], { env: plainEnvironment() });

    test('runs TypeScript under Node 24, compiled once, telemetry off, with the arguments and the exit status', () => {
      const result = spawnSync(node!, [launch, 'exit', 'a b', '--c'], { encoding: 'utf8', env: plainEnvironment() });
      const said = JSON.parse(result.stdout) as Hello;
      assert.match(said.node, /^24\./);
      assert.equal(said.telemetry, '1');
      assert.ok(said.compiled.startsWith(join(root, 'node_modules', '.cache', 'compiled')), said.compiled);
      assert.deepEqual(said.args, ['a b', '--c']);
      assert.equal(result.status, 7);
      assert.equal(result.stderr, '');
    });

    test('passes standard input on', () => {
      const result = spawnSync(node!, [launch, 'read'], { encoding: 'utf8', input: 'typed', env: plainEnvironment() });
      assert.equal(result.stdout.split('\n')[1], 'typed');
    });

    test('passes a signal on and ends as the program ends', async () => {
      const launcher = start('wait');
      await hello(launcher);
      launcher.kill('SIGTERM');
      assert.deepEqual(await once(launcher, 'exit'), [5, null]);
    });

    test('when it is killed, the program ends too', async () => {
      const launcher = start('wait');
      const { pid } = await hello(launcher);
      assert.ok(isRunning(pid));
      launcher.kill('SIGKILL');
      // The program holds the other end of standard output: its end is the end of the stream.
      await once(launcher.stdout!, 'end');
      assert.equal((await once(launcher, 'close'))[1], 'SIGKILL');
    });
  });
}

describe('the command in the checkout', () => {
  const node = otherNode();

  test(
    'npx acclimate doctor under the Node of this computer',
    {
      skip: node === undefined && 'there is no Node 20 to 23 on the PATH',
    },
    () => {
      const npx = join(node!, '..', process.platform === 'win32' ? 'npx.cmd' : 'npx');
      const path = `${join(node!, '..')}:${process.env['PATH']}`;
      const result = spawnSync(npx, ['acclimate', 'doctor', '--json'], {
        cwd: root,
        encoding: 'utf8',
        env: { ...plainEnvironment(), PATH: path },
      });
      assert.equal(result.status, 0, result.stderr);
      const machine = JSON.parse(result.stdout) as { node: string; telemetryOff: boolean; blockedRequests: number };
      assert.match(machine.node, /^v?24\./);
      assert.equal(machine.telemetryOff, true);
      assert.equal(machine.blockedRequests, 0);
    },
  );

  test('says what to run where nothing is installed', { skip: node === undefined && 'only without a Node 24' }, () => {
    const folder = makeCheckout(['bin', 'scripts', 'package.json']);
    const result = spawnSync(node!, [join(folder, 'bin/acclimate.mjs'), 'doctor'], { encoding: 'utf8' });
    assert.equal(result.status, 1);
    assert.equal(result.stderr, 'Acclimate is not set up yet; run `npm run demo` or `node scripts/setup.mjs` once.\n');
    assert.equal(result.stdout, '');
  });
});
