import type { ChildProcess } from 'node:child_process';
import { fromText, toText } from './json.ts';
import type { Port } from './types.ts';

function closeOnce(): { onClose: Port['onClose']; fire(): void; readonly closed: boolean } {
  const listeners = new Set<() => void>();
  let closed = false;
  return {
    get closed() {
      return closed;
    },
    onClose: (listener) => (closed ? listener() : listeners.add(listener)),
    fire: () => {
      if (closed) return;
      closed = true;
      listeners.forEach((listener) => listener());
    },
  };
}

/** Set for a child whose parent wants frames as text. */
export const TEXT_FRAMES = 'ACCLIMATE_TEXT_FRAMES';

/**
 * Either end of a child's IPC: the ChildProcess in the parent, `process` in the child. As text, the frames need no
 * structured clone that both ends understand.
 */
export function ipcPort(end: ChildProcess | NodeJS.Process, asText = false): Port {
  const state = closeOnce();
  const emitter: NodeJS.EventEmitter = end;
  emitter.once('disconnect', state.fire);
  if (!end.connected) state.fire();
  return {
    // A send that loses the race with the other side's end is answered by `onClose`.
    send: (frame) =>
      void (end.connected && end.send?.(asText ? toText(frame) : frame, undefined, undefined, () => undefined)),
    onFrame: (listener) => emitter.on('message', (message: unknown) => listener(asText ? fromText(message) : message)),
    onClose: state.onClose,
    close: () => {
      if (end.connected) end.disconnect?.();
      state.fire();
    },
  };
}

/** A MessagePort of the page, a worker, or Node. */
export interface MessagePortLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message' | 'close', listener: (event: Event) => void): void;
  start(): void;
  close(): void;
}

export function messagePort(end: MessagePortLike): Port {
  const state = closeOnce();
  end.addEventListener('close', state.fire);
  return {
    send: (frame) => {
      if (!state.closed) end.postMessage(frame);
    },
    onFrame: (listener) => {
      end.addEventListener('message', (event) => listener((event as MessageEvent<unknown>).data));
      end.start();
    },
    onClose: state.onClose,
    close: () => {
      end.close();
      state.fire();
    },
  };
}

/** What the browser's WebSocket and `ws` have in common. */
export interface WebSocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
}

const CONNECTING = 0;
const OPEN = 1;

/** Frames as JSON text, bytes in it as base64. What is sent before the socket is open waits. */
export function webSocketPort(socket: WebSocketLike): Port {
  const state = closeOnce();
  const waiting: string[] = [];
  socket.addEventListener('open', () => waiting.splice(0).forEach((text) => socket.send(text)));
  socket.addEventListener('close', state.fire);
  // `close` follows and is answered; without a listener `ws` would throw.
  socket.addEventListener('error', () => undefined);
  return {
    send: (frame) => {
      const text = toText(frame);
      if (socket.readyState === OPEN) socket.send(text);
      else if (socket.readyState === CONNECTING) waiting.push(text);
    },
    onFrame: (listener) => {
      socket.addEventListener('message', (event) => listener(fromText(event.data)));
    },
    onClose: state.onClose,
    close: () => {
      socket.close();
      state.fire();
    },
  };
}
