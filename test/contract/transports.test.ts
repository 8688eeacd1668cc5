import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../../src/contract/errors.ts';
import type { Progress } from '../../src/contract/progress.ts';
import { channels } from '../../src/rpc/channels.ts';
import { connect } from '../../src/rpc/connect.ts';
import { relay } from '../../src/rpc/relay.ts';
import { ipcPort, messagePort, TEXT_FRAMES, webSocketPort } from '../../src/rpc/transports.ts';
import type { Client, Port } from '../../src/rpc/types.ts';
import { calls, events, startService } from './service.ts';

type TestClient = Client<typeof calls, typeof events>;

const child = fileURLToPath(new URL('child.ts', import.meta.url));
const forked = (...args: string[]) => fork(child, args, { serialization: 'advanced', execArgv: [] });

const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
sockets.on('connection', (socket) => startService(webSocketPort(socket)));
after(() => sockets.close());

function throughMessageChannel(): Port {
  const { port1, port2 } = new MessageChannel();
  startService(messagePort(port2));
  return messagePort(port1);
}

/** Each opens the client's end of a port that a fresh service is behind. */
const transports: Record<string, () => Port | Promise<Port>> = {
  'child IPC': () => ipcPort(forked()),
  'child IPC as text': () => {
    const env = { ...process.env, [TEXT_FRAMES]: '1' };
    return ipcPort(fork(child, [], { serialization: 'json', execArgv: [], env }), true);
  },
  'a channel of child IPC': () => {
    const base = ipcPort(forked('channels'));
    const port = channels(base).channel('client/1');
    port.onClose(() => base.close());
    return port;
  },
  MessagePort: throughMessageChannel,
  WebSocket: async () => {
    if (sockets.address() === null) await once(sockets, 'listening');
    return webSocketPort(new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`));
  },
  'a relay between two ports': () => {
    const { port1, port2 } = new MessageChannel();
    relay(messagePort(port2), throughMessageChannel());
    return messagePort(port1);
  },
};

const rejectsWith = (promise: Promise<unknown>, code: string): Promise<void> =>
  assert.rejects(promise, (error) => error instanceof AppError && error.code === code);

for (const [name, open] of Object.entries(transports)) {
  describe(`the contract over ${name}`, () => {
    const scenario = (what: string, run: (client: TestClient, port: Port) => Promise<void>): void => {
      test(what, { timeout: 20_000 }, async () => {
        const port = await open();
        const client = connect(calls, events, port);
        try {
          await run(client, port);
        } finally {
          client.close();
        }
      });
    };

    scenario('answers, fills defaults in, and keeps many calls apart', async (client) => {
      assert.deepEqual(await client.call('double', {}), { value: 42 });
      const answers = await Promise.all([1, 2, 3, 4, 5].map((value) => client.call('double', { value })));
      assert.deepEqual(
        answers.map(({ value }) => value),
        [2, 4, 6, 8, 10],
      );
    });

    scenario('carries an error with its code, sentence and parameters', async (client) => {
      await assert.rejects(client.call('refuse', {}), (error) => {
        assert(error instanceof AppError);
        assert.deepEqual(error.toShape(), new AppError('disk.full').toShape());
        return true;
      });
      await assert.rejects(client.call('stumble', {}), (error) => {
        assert(error instanceof AppError);
        assert.equal(error.code, 'internal');
        assert.match(error.message, /x is not a function/);
        return true;
      });
    });

    scenario('refuses input and answers that are not as agreed, and unknown calls', async (client) => {
      await rejectsWith(client.call('double', { value: 1.5 }), 'call.badInput');
      await rejectsWith(client.call('lie', {}), 'internal');
      await rejectsWith((client as Client<never>).call('toString' as never, {} as never), 'call.unknown');
      assert.deepEqual(await client.call('double', { value: 1 }), { value: 2 });
    });

    scenario('carries bytes as bytes, both ways, of every length', async (client) => {
      for (const length of [0, 1, 2, 3, 255, 100_000]) {
        const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) % 256);
        const answer = await client.call('picture', { bytes });
        assert(answer.bytes instanceof Uint8Array);
        assert.equal(answer.size, length);
        assert.deepEqual(Uint8Array.from(answer.bytes), bytes.toReversed());
      }
    });

    scenario('stops a call when its caller cancels', async (client) => {
      const abort = new AbortController();
      const options = { signal: abort.signal, onProgress: () => abort.abort() };
      assert.deepEqual(await client.call('wait', {}, options), { stoppedBy: 'call.cancelled' });
      await rejectsWith(client.call('double', {}, { signal: abort.signal }), 'call.cancelled');
      const second = new AbortController();
      await rejectsWith(
        client.call('abandon', {}, { signal: second.signal, onProgress: () => second.abort() }),
        'call.cancelled',
      );
    });

    scenario('reports progress that never falls, ties it to its call, and delivers the last', async (client) => {
      const seen: Progress[] = [];
      const other: Progress[] = [];
      const fractions = [0.1, 0.5, 0.3, 0.9, 0.7, 2];
      await Promise.all([
        client.call('count', { fractions }, { onProgress: (progress) => seen.push(progress) }),
        client.call('count', { fractions: [0.25] }, { onProgress: (progress) => other.push(progress) }),
      ]);
      const reported = seen.map(({ fraction }) => fraction);
      assert.deepEqual(
        reported,
        reported.toSorted((one, two) => one - two),
      );
      assert.deepEqual(seen.at(-1), { stage: 'count', fraction: 1, detail: 'report 5' });
      assert.deepEqual(other, [{ stage: 'count', fraction: 0.25, detail: 'report 0' }]);
    });

    scenario('delivers events to who listens', async (client) => {
      const heard: string[] = [];
      const stop = client.on('announced', ({ text }) => heard.push(text));
      await client.call('announce', { text: 'one' });
      stop();
      await client.call('announce', { text: 'two' });
      assert.deepEqual(heard, ['one']);
    });

    scenario('answers every call in flight when this side closes', async (client) => {
      const inFlight = [client.call('wait', {}), client.call('wait', {})];
      client.close();
      for (const call of inFlight) await rejectsWith(call, 'process.died');
      await rejectsWith(client.call('double', {}), 'process.died');
    });

    scenario('answers every call in flight when the other side closes', async (client) => {
      const inFlight = [client.call('wait', {}), client.call('end', {})];
      for (const call of inFlight) await rejectsWith(call, 'process.died');
    });

    scenario('survives frames that are not frames, and answers those with an id', async (client, port) => {
      const answered = new Promise((resolve) => port.onFrame(resolve));
      port.send([1, 2, 3]);
      port.send({ t: 'call', id: 'one', name: 'double', input: {} });
      port.send({ t: 'shout', id: 7 });
      assert.equal(((await answered) as { error: { code: string } }).error.code, 'call.malformed');
      assert.deepEqual(await client.call('double', { value: 4 }), { value: 8 });
    });
  });
}
