import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { z } from 'zod';
import { coreEvents } from '../../../src/contract/core-calls.ts';
import { AppError } from '../../../src/contract/errors.ts';
import { ownSeat } from '../../../src/contract/seat.ts';
import { startProcesses } from '../../../src/processes/processes.ts';
import type { Child } from '../../../src/processes/supervise.ts';
import { channels } from '../../../src/rpc/channels.ts';
import { connect } from '../../../src/rpc/connect.ts';
import { serve } from '../../../src/rpc/serve.ts';
import { messagePort } from '../../../src/rpc/transports.ts';
import type { Port, Server } from '../../../src/rpc/types.ts';

const engineCalls = { compute: { input: z.object({ wait: z.boolean() }), output: z.object({ engine: z.int() }) } };
const coreCalls = {
  ask: { input: z.object({ wait: z.boolean() }), output: z.object({ core: z.int(), engine: z.int() }) },
};
const forever = new Promise<never>(() => undefined);

/** Core and engine each in this process behind a message channel; `kill` ends one. */
function startAll() {
  const started = { core: 0, engine: 0 };
  const running = new Map<string, () => void>();
  const asked: (() => void)[] = [];
  type Shell = Server<typeof coreEvents>;
  const shells = new Set<Shell>();
  const onShell: ((shell: Shell) => void)[] = [];

  const bodies: Record<'core' | 'engine', (port: Port, nth: number) => void> = {
    engine: (port, nth) =>
      channels(port).onOpen((_name, core) => {
        const compute = async ({ wait }: { wait: boolean }) => {
          asked.splice(0).forEach((tell) => tell());
          return wait ? forever : { engine: nth };
        };
        serve(engineCalls, { compute }, core, { events: {}, onError: () => undefined });
      }),
    core: (port, nth) => {
      const base = channels(port);
      const engine = connect(engineCalls, {}, base.channel('engine'));
      const ask = async (input: { wait: boolean }) => ({ core: nth, ...(await engine.call('compute', input)) });
      base.onOpen((_name, page) => {
        const shell = serve(coreCalls, { ask }, page, { events: coreEvents, onError: () => undefined });
        onShell.splice(0).forEach((tell) => tell(shell));
        shells.add(shell);
        page.onClose(() => shells.delete(shell));
      });
    },
  };

  const start = (name: 'core' | 'engine'): Child => {
    const { port1, port2 } = new MessageChannel();
    const exits: (() => void)[] = [];
    started[name] += 1;
    bodies[name](messagePort(port2), started[name]);
    const kill = (): void => {
      port1.close();
      exits.splice(0).forEach((tell) => tell());
    };
    running.set(name, kill);
    return {
      port: messagePort(port1),
      pid: started[name],
      onExit: (listener) => void exits.push(() => listener('killed')),
      end: kill,
      kill,
    };
  };

  const processes = startProcesses(start);
  return {
    processes,
    started,
    page: () => connect(coreCalls, coreEvents, processes.openPort(ownSeat)),
    kill: (name: string) => running.get(name)!(),
    /** An event of core, once it has a page. */
    async announce(seq: number) {
      if (shells.size === 0) await new Promise<Shell>((resolve) => onShell.push(resolve));
      shells.forEach((shell) => shell.emit('project.changed', { project: 'p', seq }));
    },
    engineIsAsked: () => new Promise<void>((resolve) => asked.push(resolve)),
  };
}

const died = (error: unknown): boolean => error instanceof AppError && error.code === 'process.died';

test('pages reach core, core reaches the engine, and both start when they are first needed', async () => {
  const { page, started, processes } = startAll();
  assert.deepEqual(started, { core: 0, engine: 0 });
  const answers = await Promise.all([page(), page()].map((client) => client.call('ask', { wait: false })));
  assert.deepEqual(answers, [
    { core: 1, engine: 1 },
    { core: 1, engine: 1 },
  ]);
  assert.deepEqual(started, { core: 1, engine: 1 });
  await processes.stop();
});

test('an engine that dies costs the call in flight; the next reaches a new engine and the same core', async () => {
  const { page, kill, engineIsAsked, processes } = startAll();
  const client = page();
  const asked = engineIsAsked();
  const lost = client.call('ask', { wait: true });
  await asked;
  kill('engine');
  await assert.rejects(lost, died);
  assert.deepEqual(await client.call('ask', { wait: false }), { core: 1, engine: 2 });
  await processes.stop();
});

test('a core that dies costs the calls in flight of every page; the next reach a new core', async () => {
  const { page, kill, engineIsAsked, processes } = startAll();
  const one = page();
  const other = page();
  const asked = engineIsAsked();
  const lost = [one.call('ask', { wait: true }), other.call('ask', { wait: true })];
  await asked;
  kill('core');
  for (const call of lost) await assert.rejects(call, died);
  assert.deepEqual(await one.call('ask', { wait: false }), { core: 2, engine: 1 });
  assert.deepEqual(await other.call('ask', { wait: false }), { core: 2, engine: 1 });
  await processes.stop();
});

test('every page hears that a process died and is back', async () => {
  const { page, kill, processes } = startAll();
  const pages = [page(), page()];
  await pages[0]!.call('ask', { wait: false });
  const heard = pages.map(
    (client) =>
      new Promise<string[]>((resolve) => {
        const notices: string[] = [];
        client.on('process.notice', ({ process: name, what }) => {
          if (notices.push(`${name} ${what}`) === 4) resolve(notices);
        });
      }),
  );
  kill('engine');
  kill('core');
  for (const notices of await Promise.all(heard)) {
    assert.deepEqual(notices.toSorted(), ['core died', 'core restarted', 'engine died', 'engine restarted']);
  }
  await processes.stop();
});

test('a page that asks for nothing hears events, also of a core that was started again', async () => {
  const { page, kill, announce, processes } = startAll();
  const client = page();
  const heard: number[] = [];
  let tell = (): void => undefined;
  client.on('project.changed', ({ seq }) => {
    heard.push(seq);
    tell();
  });
  const next = (): Promise<void> => new Promise((resolve) => (tell = resolve));
  await announce(1);
  const first = next();
  if (heard.length === 0) await first;
  const back = new Promise<void>((resolve) =>
    client.on('process.notice', ({ what }) => what === 'restarted' && resolve()),
  );
  kill('core');
  await back;
  const second = next();
  await announce(2);
  await second;
  assert.deepEqual(heard, [1, 2]);
  await processes.stop();
});
