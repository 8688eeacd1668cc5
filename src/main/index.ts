import '../guard/no-network.ts';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  MessageChannelMain,
  type IpcMainEvent,
  type MessagePortMain,
} from 'electron';
import { join } from 'node:path';
import { portMessage } from '../contract/bridge.ts';
import { ownSeat } from '../contract/seat.ts';
import { relay } from '../rpc/relay.ts';
import type { Port } from '../rpc/types.ts';
import { closeNetwork, lockContents, lockSession } from './lockdown.ts';
import { claimScheme, pageOrigin, servePage } from './page.ts';
import { startProcesses, type Processes } from '../processes/processes.ts';
import { startUtility } from './utility.ts';

let window: BrowserWindow | undefined;

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

/** Only the page itself may ask; nothing else is ever loaded, and this does not rely on it. */
const isOurs = (event: Pick<IpcMainEvent, 'senderFrame'>): boolean => event.senderFrame?.origin === pageOrigin;

function answerPage(processes: Processes): void {
  ipcMain.on('request-port', (event) => {
    if (!isOurs(event)) return;
    const { port1, port2 } = new MessageChannelMain();
    relay(portOf(port1), processes.openPort(ownSeat));
    event.sender.postMessage('port', portMessage, [port2]);
  });
  ipcMain.handle('pick-folder', async (event) => {
    if (!isOurs(event) || !window) return null;
    const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openDirectory'] });
    return filePaths[0] ?? null;
  });
}

function openWindow(): void {
  window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 960,
    minHeight: 600,
    title: 'Acclimate',
    backgroundColor: '#0e0e0e',
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.on('closed', () => (window = undefined));
  void window.loadURL(`${pageOrigin}/`);
}

async function main(): Promise<void> {
  closeNetwork();
  claimScheme();
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => lockContents(contents));
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());

  await app.whenReady();
  lockSession();
  servePage(join(import.meta.dirname, '..', 'renderer'));
  const processes = startProcesses(startUtility);
  app.on('will-quit', () => processes.kill());
  answerPage(processes);
  openWindow();
}

if (app.requestSingleInstanceLock()) void main();
else app.quit();
