import type { Port } from './types.ts';

/** `process.parentPort` of a utility process of the desktop window. */
export interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
}

/** The child's end of a utility process. It never closes by itself: the window ends its children when it ends. */
export function utilityPort(end: ParentPort): Port {
  return {
    send: (frame) => end.postMessage(frame),
    onFrame: (listener) => end.on('message', ({ data }) => listener(data)),
    onClose: () => undefined,
    close: () => process.exit(0),
  };
}

/** The port to the window, where this process was started by one. */
export const parentPort = (): ParentPort | undefined => (process as { parentPort?: ParentPort }).parentPort;
