import { once } from 'node:events';
import { z } from 'zod';
import { AppError } from '../../src/contract/errors.ts';
import { bytesSchema } from '../../src/contract/view.ts';
import { serve } from '../../src/rpc/serve.ts';
import type { Handlers, Port } from '../../src/rpc/types.ts';

/** A small contract that touches everything a transport must carry. */
export const calls = {
  double: { input: z.object({ value: z.int().default(21) }), output: z.object({ value: z.int() }) },
  count: { input: z.object({ fractions: z.array(z.number()) }), output: z.object({ reports: z.int() }) },
  wait: { input: z.object({}), output: z.object({ stoppedBy: z.string() }) },
  refuse: { input: z.object({}), output: z.object({}) },
  stumble: { input: z.object({}), output: z.object({}) },
  abandon: { input: z.object({}), output: z.object({}) },
  lie: { input: z.object({}), output: z.object({ value: z.int() }) },
  announce: { input: z.object({ text: z.string() }), output: z.object({}) },
  picture: { input: z.object({ bytes: bytesSchema }), output: z.object({ bytes: bytesSchema, size: z.int() }) },
  end: { input: z.object({}), output: z.object({}) },
} as const;

export const events = { announced: z.object({ text: z.string() }) } as const;

export function startService(port: Port): void {
  const handlers: Handlers<typeof calls> = {
    double: ({ value }) => Promise.resolve({ value: value * 2 }),
    count: ({ fractions }, { progress }) => {
      fractions.forEach((fraction, index) => progress({ stage: 'count', fraction, detail: `report ${index}` }));
      return Promise.resolve({ reports: fractions.length });
    },
    async wait(_input, { signal, progress }) {
      const aborted = once(signal, 'abort');
      progress({ stage: 'wait', fraction: 0 });
      await aborted;
      return { stoppedBy: (signal.reason as AppError).code };
    },
    refuse: () => Promise.reject(new AppError('disk.full')),
    stumble: () => Promise.reject(new TypeError('x is not a function')),
    async abandon(_input, { signal, progress }) {
      const aborted = once(signal, 'abort');
      progress({ stage: 'abandon', fraction: 0 });
      await aborted;
      throw new DOMException('aborted', 'AbortError');
    },
    lie: () => Promise.resolve({ value: 1.5 }),
    announce: ({ text }) => {
      server.emit('announced', { text });
      return Promise.resolve({});
    },
    // A Buffer, as Node's own calls give it.
    picture: async ({ bytes }) => ({ bytes: Buffer.from(bytes).reverse(), size: bytes.length }),
    end: () => {
      server.close();
      return new Promise(() => undefined);
    },
  };
  const server = serve(calls, handlers, port, { events });
}
