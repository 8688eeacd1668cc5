import type { BrowserWindow, BrowserWindowConstructorOptions, Session, Tray } from 'electron';
import { join } from 'node:path';
import { coreCalls, coreEvents } from '../contract/core-calls.ts';
import { AppError } from '../contract/errors.ts';
import { ownSeat } from '../contract/seat.ts';
import { readPolicy } from '../files/policy.ts';
import { startProcesses, type ProcessName } from '../processes/processes.ts';
import type { Child } from '../processes/supervise.ts';
import { watchWork, type Work } from '../processes/work.ts';
import { connect } from '../rpc/connect.ts';
import { keepAwake } from './awake.ts';
import { countBlocked } from './blocked.ts';
import type { Electron } from './electron.ts';
import { closeNetwork, lockContents, lockSession } from './lockdown.ts';
import { menuTemplate } from './menu.ts';
import { answerRequests } from './requests.ts';
import { claimScheme, pageOrigin, servePage } from './scheme.ts';
import { openTray } from './tray.ts';

export interface AppOptions {
  readonly electron: Electron;
  /** Starts core or engine. */
  readonly start: (name: ProcessName) => Child;
  /** Folder of what is built: page and preload script. */
  readonly built: string;
  /** PNG of the tray. */
  readonly icon: string;
  readonly platform: NodeJS.Platform;
}

/** In memory: nothing of the page is left when the app ends. A name with `persist:` would be kept. */
const partition = 'acclimate';

/** The desktop app, from the single-instance lock to the last window. */
export async function runApp(options: AppOptions): Promise<void> {
  const { electron } = options;
  const { app, dialog, protocol, session } = electron;
  if (!app.requestSingleInstanceLock()) return app.quit();
  closeNetwork(app);
  claimScheme(protocol);
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => lockContents(contents));

  await app.whenReady();
  try {
    readPolicy();
  } catch (error) {
    const { message, action } = AppError.from(error).toShape();
    dialog.showErrorBox('Acclimate', `${message}\n\n${action}`);
    return app.quit();
  }
  openApp(options, session.fromPartition(partition));
}

function openApp(options: AppOptions, session: Session): void {
  const { electron, built, platform } = options;
  const { app, Menu } = electron;
  const processes = startProcesses(options.start);
  const core = connect(coreCalls, coreEvents, processes.openPort(ownSeat));
  const work = watchWork(core, keepAwake(electron));
  lockSession(session, countBlocked(core));
  servePage(session.protocol, join(built, 'renderer'), core);

  let window: BrowserWindow | undefined;
  let tray: Tray | undefined;
  let isEnding = false;

  const show = (): void => {
    window ??= open();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  const open = (): BrowserWindow => {
    const opened = new electron.BrowserWindow(windowOptions(built));
    opened.on('close', (event) => {
      if (isEnding || !work.isGoingOn()) return;
      // The run goes on: the window waits in the tray, or in the task bar where there is none.
      event.preventDefault();
      tray ??= openTray(electron, options.icon, { show, quit: () => app.quit() });
      if (tray === undefined) opened.minimize();
      else opened.hide();
    });
    opened.on('closed', () => (window = undefined));
    void opened.loadURL(`${pageOrigin}/`);
    return opened;
  };

  answerRequests(electron, {
    window: () => window,
    openPort: () => processes.openPort(ownSeat),
    setMenu: (menu) => {
      const command = (id: string): void => window?.webContents.send('command', id);
      Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(menu, platform, command)));
    },
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate([], platform, () => undefined)));
  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (isEnding) return;
    isEnding = true;
    event.preventDefault();
    void end(work, processes.stop).finally(() => app.quit());
  });
  app.on('will-quit', processes.kill);
  show();
}

async function end(work: Work, stop: () => Promise<void>): Promise<void> {
  await work.pause();
  await stop();
}

function windowOptions(built: string): BrowserWindowConstructorOptions {
  return {
    width: 1280,
    height: 800,
    minWidth: 960,
    minHeight: 600,
    title: 'Acclimate',
    backgroundColor: '#0e0e0e',
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(built, 'preload', 'index.cjs'),
      partition,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  };
}
