import { z } from 'zod';
import type { Port } from './types.ts';

const envelopeSchema = z.union([
  z.object({ channel: z.string(), frame: z.unknown() }),
  z.object({ channel: z.string(), closed: z.literal(true) }),
]);

export interface Channels {
  /** The port of that name; the other side sees it at its first frame. */
  channel(name: string): Port;
  /** Called for each channel the other side opens. */
  onOpen(listener: (name: string, port: Port) => void): void;
}

interface Channel {
  readonly port: Port;
  receive(frame: unknown): void;
  end(): void;
}

/** Several ports over one, so that a relay can pass frames on without looking inside. */
export function channels(base: Port): Channels {
  const open = new Map<string, Channel>();
  let onOpened: (name: string, port: Port) => void = () => undefined;

  const create = (name: string): Channel => {
    const frames = new Set<(frame: unknown) => void>();
    const closes = new Set<() => void>();
    let closed = false;
    const end = (): void => {
      if (closed) return;
      closed = true;
      open.delete(name);
      for (const listener of closes) listener();
    };
    const channel: Channel = {
      port: {
        send: (frame) => {
          if (!closed) base.send({ channel: name, frame });
        },
        onFrame: (listener) => frames.add(listener),
        onClose: (listener) => (closed ? listener() : closes.add(listener)),
        close: () => {
          if (closed) return;
          base.send({ channel: name, closed: true });
          end();
        },
      },
      receive: (frame) => frames.forEach((listener) => listener(frame)),
      end,
    };
    open.set(name, channel);
    return channel;
  };

  base.onFrame((message) => {
    const parsed = envelopeSchema.safeParse(message);
    if (!parsed.success) return;
    const envelope = parsed.data;
    if ('closed' in envelope) return open.get(envelope.channel)?.end();
    let channel = open.get(envelope.channel);
    if (channel === undefined) {
      channel = create(envelope.channel);
      onOpened(envelope.channel, channel.port);
    }
    channel.receive(envelope.frame);
  });
  base.onClose(() => [...open.values()].forEach((channel) => channel.end()));

  return {
    channel: (name) => (open.get(name) ?? create(name)).port,
    onOpen: (listener) => {
      onOpened = listener;
    },
  };
}
