import type { Port } from './types.ts';

/** Passes frames both ways without looking inside; when one end closes, so does the other. */
export function relay(one: Port, other: Port): void {
  one.onFrame((frame) => other.send(frame as object));
  other.onFrame((frame) => one.send(frame as object));
  one.onClose(() => other.close());
  other.onClose(() => one.close());
}

export interface Interruptible {
  readonly port: Port;
  /** The process behind the port is no more: tells the client, and lets nothing through that was sent before it knew. */
  interrupt(): void;
  /** A frame of the host's own for the client. */
  tell(frame: object): void;
}

/**
 * A client's port to a process that can die and come back. The client answers `gone` with `gone`; what it sent
 * before that belongs to calls it has given up, and must not reach the new process.
 */
export function interruptible(inner: Port): Interruptible {
  const listeners = new Set<(frame: unknown) => void>();
  let interrupted = false;
  const tell = (frame: unknown): void => listeners.forEach((listener) => listener(frame));
  inner.onFrame((frame) => {
    if (!interrupted) tell(frame);
  });
  return {
    port: {
      send: (frame) => {
        if ('t' in frame && frame.t === 'gone') interrupted = false;
        else if (!interrupted) inner.send(frame);
      },
      onFrame: (listener) => listeners.add(listener),
      onClose: inner.onClose,
      close: inner.close,
    },
    interrupt: () => {
      interrupted = true;
      tell({ t: 'gone' });
    },
    tell,
  };
}
