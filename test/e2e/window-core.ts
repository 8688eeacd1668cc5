import type { ElectronApplication } from 'playwright-core';
import type { Port } from '../../src/rpc/types.ts';

interface Held {
  readonly frames: unknown[];
  /** Somebody waits for the next frame. */
  wake?: () => void;
  post(frame: unknown): void;
  close(): void;
}
declare global {
  var story: Held | undefined;
}

/**
 * A port to core for the test itself, asked for at the window's main process as the page asks for its own. It is kept
 * there, so that it outlives a reload of the page.
 */
export async function portOfWindow(app: Pick<ElectronApplication, 'evaluate'>): Promise<Port> {
  await app.evaluate(({ BrowserWindow, ipcMain }) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    const { postMessage } = webContents;
    webContents.postMessage = (_channel, _message, ports = []) => {
      const port = ports[0]!;
      const held: Held = {
        frames: [],
        post: (frame) => port.postMessage(frame),
        close: () => port.close(),
      };
      globalThis.story = held;
      port.on('message', ({ data }) => {
        held.frames.push(data);
        held.wake?.();
      });
      port.start();
    };
    ipcMain.emit('request-port', { sender: webContents, senderFrame: webContents.mainFrame });
    webContents.postMessage = postMessage;
  });
  const listeners: ((frame: unknown) => void)[] = [];
  const closed: (() => void)[] = [];
  let isOpen = true;
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    closed.forEach((listener) => listener());
  };
  const receive = async (): Promise<void> => {
    while (isOpen) {
      const frames = await app.evaluate(async () => {
        const held = globalThis.story!;
        if (held.frames.length === 0) await new Promise<void>((resolve) => (held.wake = resolve));
        return held.frames.splice(0);
      });
      for (const frame of frames) listeners.forEach((listener) => listener(frame));
    }
  };
  // The window that ends takes the port with it.
  void receive().catch(end);
  return {
    send: (frame) => void app.evaluate((_electron, sent) => globalThis.story!.post(sent), frame).catch(end),
    onFrame: (listener) => listeners.push(listener),
    onClose: (listener) => (isOpen ? closed.push(listener) : listener()),
    close: () => void app.evaluate(() => globalThis.story!.close()).then(end, end),
  };
}
