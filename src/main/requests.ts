import type { BrowserWindow, IpcMainEvent, MessagePortMain } from 'electron';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { portMessage } from '../contract/bridge.ts';
import { menuSchema, type Menu } from '../contract/menu.ts';
import { relay } from '../rpc/relay.ts';
import type { Port } from '../rpc/types.ts';
import type { Electron } from './electron.ts';
import { pageOrigin } from './scheme.ts';

export interface Desk {
  window(): BrowserWindow | undefined;
  openPort(): Port;
  setMenu(menu: Menu): void;
}

type Sender = Pick<IpcMainEvent, 'sender' | 'senderFrame'>;
const name = z.string().min(1).max(255);
const path = z.string().max(32_768).refine(isAbsolute);

/** What the page asks its window for. Each asker is checked, each payload parsed; what is not as agreed gets nothing. */
export function answerRequests(
  electron: Pick<Electron, 'dialog' | 'ipcMain' | 'MessageChannelMain' | 'shell'>,
  desk: Desk,
): void {
  const { dialog, ipcMain, MessageChannelMain, shell } = electron;

  /** Only the page itself, in the frame of its window; nothing else is ever loaded, and this does not rely on it. */
  const isOurs = ({ sender, senderFrame }: Sender): boolean =>
    sender === desk.window()?.webContents && senderFrame?.parent === null && senderFrame.origin === pageOrigin;

  const heard = <S extends z.ZodType>(
    channel: string,
    schema: S,
    act: (given: z.infer<S>, event: IpcMainEvent) => void,
  ): void => {
    ipcMain.on(channel, (event, given: unknown) => {
      const parsed = schema.safeParse(given);
      if (isOurs(event) && parsed.success) act(parsed.data, event);
    });
  };
  const asked = <S extends z.ZodType>(
    channel: string,
    schema: S,
    answer: (given: z.infer<S>, window: BrowserWindow) => Promise<string | undefined>,
  ): void => {
    ipcMain.handle(channel, async (event, given: unknown): Promise<string | null> => {
      const parsed = schema.safeParse(given);
      const window = desk.window();
      if (!isOurs(event) || !parsed.success || window === undefined) return null;
      return (await answer(parsed.data, window)) ?? null;
    });
  };

  heard('request-port', z.undefined(), (_given, { sender }) => {
    const { port1, port2 } = new MessageChannelMain();
    relay(portOf(port1), desk.openPort());
    sender.postMessage('port', portMessage, [port2]);
  });
  heard('show-in-folder', path, (given) => shell.showItemInFolder(given));
  heard('set-menu', menuSchema, desk.setMenu);

  const open = (property: 'openDirectory' | 'openFile') => async (_given: undefined, window: BrowserWindow) =>
    (await dialog.showOpenDialog(window, { properties: [property] })).filePaths[0];
  asked('pick-folder', z.undefined(), open('openDirectory'));
  asked('pick-file', z.undefined(), open('openFile'));
  asked('pick-save', name, async (given, window) => {
    const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath: given });
    return canceled ? undefined : filePath;
  });
}

function portOf(end: MessagePortMain): Port {
  return {
    send: (frame) => end.postMessage(frame),
    onFrame: (listener) => {
      end.on('message', ({ data }) => listener(data));
      end.start();
    },
    onClose: (listener) => end.once('close', listener),
    close: () => end.close(),
  };
}
