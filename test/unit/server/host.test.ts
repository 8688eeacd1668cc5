import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppError } from '../../../src/contract/errors.ts';
import type { Notice } from '../../../src/processes/supervise.ts';
import { startHost, type Host } from '../../../src/server/host.ts';

const entries = {
  core: new URL('children/core.ts', import.meta.url),
  engine: new URL('children/engine.ts', import.meta.url),
};
const died = (error: unknown): boolean => error instanceof AppError && error.code === 'process.died';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function withHost(
  run: (host: Host, notices: Notice[]) => Promise<void>,
  overrides: Partial<typeof entries> = {},
): Promise<void> {
  const notices: Notice[] = [];
  const host = startHost({ entries: { ...entries, ...overrides }, onNotice: (notice) => notices.push(notice) });
  try {
    await run(host, notices);
  } finally {
    await host.stop();
  }
}

describe('the host', { timeout: 60_000 }, () => {
  test('starts the engine only when it is needed, without telemetry, and both end with it', async () => {
    let pids: number[] = [];
    await withHost(async (host) => {
      const client = host.connect();
      await client.call('audit.verify', { project: '' });
      assert.equal(host.pid('engine'), undefined);
      const machine = await client.call('machine.describe', { full: false });
      assert.equal(machine.runtime, '1');
      assert.equal(machine.cores, host.pid('engine'));
      pids = [host.pid('core')!, host.pid('engine')!];
      assert(pids.every(isAlive));
    });
    assert(!pids.some(isAlive), 'a child outlived its host');
  });

  test('an engine killed in mid-call: the call is answered, said, and the next one finds a new engine', async () => {
    await withHost(async (host, notices) => {
      const client = host.connect();
      const call = client.call(
        'machine.describe',
        { full: true },
        { onProgress: () => process.kill(host.pid('engine')!, 'SIGKILL') },
      );
      await assert.rejects(call, died);
      const corePid = host.pid('core');
      const machine = await client.call('machine.describe', { full: false });
      assert.equal(machine.cores, host.pid('engine'));
      assert.equal(host.pid('core'), corePid, 'core went on');
      assert.deepEqual(
        notices.map(({ process: name, what }) => `${name} ${what}`),
        ['engine died', 'engine restarted'],
      );
    });
  });

  test('a core killed in mid-call: every call is answered, and the engine drops what nobody waits for', async () => {
    await withHost(async (host) => {
      const client = host.connect();
      const other = host.connect();
      const waiting = other.call('audit.verify', { project: 'wait' });
      const call = client.call(
        'machine.describe',
        { full: true },
        { onProgress: () => process.kill(host.pid('core')!, 'SIGKILL') },
      );
      await Promise.all([assert.rejects(call, died), assert.rejects(waiting, died)]);
      const enginePid = host.pid('engine');
      const machine = await client.call('machine.describe', { full: false });
      assert.equal(machine.cores, enginePid, 'the engine went on');
      assert.equal(machine.version, 'process.died');
      const { entries: pid } = await other.call('audit.verify', { project: '' });
      assert.equal(pid, host.pid('core'));
    });
  });

  test('a caller that cancels reaches the engine through core', async () => {
    await withHost(async (host) => {
      const client = host.connect();
      const abort = new AbortController();
      const call = client.call(
        'machine.describe',
        { full: true },
        { signal: abort.signal, onProgress: () => abort.abort() },
      );
      await assert.rejects(call, (error) => error instanceof AppError && error.code === 'call.cancelled');
    });
  });

  test('a program that cannot start is given up, and its calls are answered', async () => {
    await withHost(
      async (host, notices) => {
        const client = host.connect();
        do {
          await assert.rejects(client.call('machine.describe', { full: false }), died);
        } while (notices.at(-1)?.what !== 'given-up');
        await assert.rejects(client.call('machine.describe', { full: false }), died);
        assert.equal((await client.call('audit.verify', { project: '' })).ok, true);
      },
      { engine: new URL('children/doomed.ts', import.meta.url) },
    );
  });
});
