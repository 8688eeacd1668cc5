import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { z } from 'zod';
import { AppError } from '../../../src/contract/errors.ts';
import { channels } from '../../../src/rpc/channels.ts';
import { connect } from '../../../src/rpc/connect.ts';
import { interruptible } from '../../../src/rpc/relay.ts';
import { serve } from '../../../src/rpc/serve.ts';
import { messagePort } from '../../../src/rpc/transports.ts';
import type { Port } from '../../../src/rpc/types.ts';

const calls = {
  wait: { input: z.object({}), output: z.object({}) },
  which: { input: z.object({}), output: z.object({ channel: z.string() }) },
} as const;

function pair(): [Port, Port] {
  const { port1, port2 } = new MessageChannel();
  return [messagePort(port1), messagePort(port2)];
}

const diedError = (error: unknown): boolean => error instanceof AppError && error.code === 'process.died';

test('a client rejects a call whose answer is malformed, and no other', async () => {
  const [near, far] = pair();
  const client = connect(calls, {}, near);
  far.onFrame((frame) => {
    const { id, name } = frame as { id: number; name: string };
    far.send(name === 'wait' ? { t: 'result', id: -id } : { t: 'result', id, output: { channel: 5 } });
    if (name === 'wait') far.send({ t: 'progress', id, progress: { fraction: 3 } });
  });
  const malformed = (error: unknown): boolean => error instanceof AppError && error.code === 'call.malformed';
  await assert.rejects(client.call('which', {}), malformed);
  await assert.rejects(client.call('wait', {}), malformed);
  client.close();
});

test('calls are aborted when their caller is gone', async () => {
  const [near, far] = pair();
  const aborted = new Promise<unknown>((resolve) => {
    serve(
      calls,
      {
        async wait(_input, { signal }) {
          await once(signal, 'abort');
          resolve(signal.reason);
          return {};
        },
        which: () => Promise.resolve({ channel: '' }),
      },
      far,
    );
  });
  const client = connect(calls, {}, near);
  const call = client.call('wait', {});
  client.close();
  await assert.rejects(call, diedError);
  assert(diedError(await aborted));
});

test('channels over one port do not hear each other, and close one by one', async () => {
  const [near, far] = pair();
  channels(far).onOpen((channel, port) =>
    serve(calls, { wait: () => new Promise(() => undefined), which: () => Promise.resolve({ channel }) }, port),
  );
  const base = channels(near);
  const one = connect(calls, {}, base.channel('client/1'));
  const two = connect(calls, {}, base.channel('client/2'));
  assert.deepEqual(await one.call('which', {}), { channel: 'client/1' });
  const waiting = one.call('wait', {});
  one.close();
  await assert.rejects(waiting, diedError);
  assert.deepEqual(await two.call('which', {}), { channel: 'client/2' });
  const last = two.call('wait', {});
  near.close();
  await assert.rejects(last, diedError);
});

test('what was sent before a client knew of a death does not reach the next process', async () => {
  const received: object[] = [];
  let answer: (frame: unknown) => void = () => undefined;
  const inner: Port = {
    send: (frame) => received.push(frame),
    onFrame: (listener) => {
      answer = listener;
    },
    onClose: () => undefined,
    close: () => undefined,
  };
  const link = interruptible(inner);
  const [near, far] = pair();
  far.onFrame((frame) => link.port.send(frame as object));
  link.port.onFrame((frame) => far.send(frame as object));
  const client = connect(calls, {}, near);

  link.interrupt();
  await assert.rejects(client.call('wait', {}), diedError);
  assert.deepEqual(received, [], 'the call was made before the client knew');

  const call = client.call('which', {});
  while (received.length === 0) await new Promise(setImmediate);
  const { id } = received.at(0) as unknown as { id: number };
  answer({ t: 'result', id, output: { channel: 'next' } });
  assert.deepEqual(await call, { channel: 'next' });
  client.close();
});
