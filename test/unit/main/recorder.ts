import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { coreCalls, coreEvents, type CoreCalls, type CoreEvents } from '../../../src/contract/core-calls.ts';
import { AppError } from '../../../src/contract/errors.ts';
import { runApp } from '../../../src/main/app.ts';
import type { Electron } from '../../../src/main/electron.ts';
import type { Child } from '../../../src/processes/supervise.ts';
import { channels } from '../../../src/rpc/channels.ts';
import { serve } from '../../../src/rpc/serve.ts';
import { messagePort } from '../../../src/rpc/transports.ts';
import type { Handlers, Server } from '../../../src/rpc/types.ts';

/** Electron's parts as the app uses them: what is asked of them is kept, what they tell is told by the test. */
export class FakeContents extends EventEmitter {
  readonly posted: { channel: string; message: unknown; ports: unknown[] }[] = [];
  readonly sent: unknown[][] = [];
  windowOpen: (() => { action: string }) | undefined;
  postMessage(channel: string, message: unknown, ports: unknown[]): void {
    this.posted.push({ channel, message, ports });
  }
  send(...message: unknown[]): void {
    this.sent.push(message);
  }
  setWindowOpenHandler(handler: () => { action: string }): void {
    this.windowOpen = handler;
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly options: { webPreferences: Record<string, unknown> };
  readonly did: string[] = [];
  url = '';
  constructor(options: FakeWindow['options']) {
    super();
    this.options = options;
  }
  loadURL(url: string): Promise<void> {
    this.url = url;
    return Promise.resolve();
  }
  isMinimized = (): boolean => this.did.at(-1) === 'minimize';
  restore = (): void => void this.did.push('restore');
  show = (): void => void this.did.push('show');
  focus = (): void => void this.did.push('focus');
  hide = (): void => void this.did.push('hide');
  minimize = (): void => void this.did.push('minimize');
  /** As when the user closes it: whether that was prevented. */
  close(): boolean {
    let isPrevented = false;
    this.emit('close', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.emit('closed');
    return isPrevented;
  }
}

class FakeSession extends EventEmitter {
  permission:
    | ((contents: unknown, name: string, answer: (is: boolean) => void, details: { requestingUrl: string }) => void)
    | undefined;
  check: ((contents: unknown, permission: string, origin: string) => boolean) | undefined;
  device: (() => boolean) | undefined;
  spells: boolean | undefined;
  request: ((details: { url: string }, answer: (is: { cancel: boolean }) => void) => void) | undefined;
  page: ((request: Request) => Promise<Response>) | undefined;
  readonly protocol = { handle: (_scheme: string, handler: FakeSession['page']) => (this.page = handler) };
  readonly webRequest = { onBeforeRequest: (listener: FakeSession['request']) => (this.request = listener) };
  setPermissionRequestHandler = (handler: FakeSession['permission']): void => void (this.permission = handler);
  setPermissionCheckHandler = (handler: FakeSession['check']): void => void (this.check = handler);
  setDevicePermissionHandler = (handler: () => boolean): void => void (this.device = handler);
  setSpellCheckerEnabled = (is: boolean): void => void (this.spells = is);
}

class FakeApp extends EventEmitter {
  readonly switches = new Map<string, string | undefined>();
  readonly commandLine = { appendSwitch: (name: string, value?: string) => this.switches.set(name, value) };
  isFirst = true;
  isSandboxed = false;
  quits = 0;
  requestSingleInstanceLock = (): boolean => this.isFirst;
  enableSandbox = (): void => void (this.isSandboxed = true);
  whenReady = (): Promise<void> => Promise.resolve();
  quit(): void {
    this.quits += 1;
    let isPrevented = false;
    this.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.emit('will-quit');
  }
}

class FakePower extends EventEmitter {
  isOnBattery = false;
  readonly blockers = new Set<number>();
  started = 0;
  isOnBatteryPower = (): boolean => this.isOnBattery;
  start = (): number => (this.blockers.add(++this.started), this.started);
  stop = (id: number): boolean => this.blockers.delete(id);
}

interface MenuItem {
  label?: string;
  role?: string;
  type?: string;
  accelerator?: string;
  registerAccelerator?: boolean;
  click?: () => void;
  submenu?: MenuItem[];
}

export function fakeElectron() {
  const app = new FakeApp();
  const power = new FakePower();
  const ipc = new EventEmitter();
  const handlers = new Map<string, (event: unknown, given?: unknown) => Promise<unknown>>();
  const windows: FakeWindow[] = [];
  const sessions = new Map<string, FakeSession>();
  const state = {
    menus: [] as MenuItem[][],
    schemes: [] as unknown[],
    errors: [] as string[],
    shown: [] as string[],
    picked: { canceled: false, filePaths: ['/chosen'], filePath: '/chosen/table.csv' as string | undefined },
    dialogs: [] as unknown[],
    hasTray: true,
    trays: [] as { menu: MenuItem[] }[],
  };
  class BrowserWindow extends FakeWindow {
    constructor(options: FakeWindow['options']) {
      super(options);
      windows.push(this);
      app.emit('web-contents-created', {}, this.webContents);
    }
  }
  class Tray extends EventEmitter {
    menu: MenuItem[] = [];
    constructor() {
      super();
      if (!state.hasTray) throw new Error('no tray here');
      state.trays.push(this);
    }
    setToolTip(): void {}
    setContextMenu(menu: MenuItem[]): void {
      this.menu = menu;
    }
  }
  const openDialog = async (_window: unknown, options: unknown) => (state.dialogs.push(options), state.picked);
  const electron = {
    app,
    BrowserWindow,
    Tray,
    dialog: {
      showOpenDialog: openDialog,
      showSaveDialog: openDialog,
      showErrorBox: (_title: string, text: string) => state.errors.push(text),
    },
    ipcMain: Object.assign(ipc, {
      handle: (channel: string, handler: (event: unknown, given?: unknown) => Promise<unknown>) =>
        handlers.set(channel, handler),
    }),
    Menu: {
      buildFromTemplate: (template: MenuItem[]) => template,
      setApplicationMenu: (menu: MenuItem[]) => state.menus.push(menu),
    },
    MessageChannelMain: class {
      readonly port1;
      readonly port2;
      constructor() {
        const { port1, port2 } = new MessageChannel();
        // Electron's ends are emitters whose messages carry `data`.
        const main = Object.assign(new EventEmitter(), {
          postMessage: (message: unknown) => port1.postMessage(message),
          start: () => port1.on('message', (data: unknown) => main.emit('message', { data })),
          close: () => port1.close(),
        });
        port1.on('close', () => main.emit('close'));
        this.port1 = main;
        this.port2 = Object.assign(port2, {
          on: (name: string, listener: (event: Event) => void) => port2.addEventListener(name as 'message', listener),
        });
      }
    },
    powerMonitor: power,
    powerSaveBlocker: power,
    protocol: { registerSchemesAsPrivileged: (schemes: unknown[]) => state.schemes.push(...schemes) },
    session: {
      fromPartition(name: string) {
        const found = sessions.get(name) ?? new FakeSession();
        sessions.set(name, found);
        return found;
      },
    },
    shell: { showItemInFolder: (path: string) => state.shown.push(path) },
  };
  return { electron: electron as unknown as Electron, app, power, ipc, handlers, windows, sessions, state };
}

/** The app over fake parts of Electron, with a core behind a message channel that is kept by the test. */
export async function openApp(
  built: string,
  platform: NodeJS.Platform = 'linux',
  prepare?: (parts: ReturnType<typeof fakeElectron>) => void,
) {
  const parts = fakeElectron();
  prepare?.(parts);
  const reports: unknown[] = [];
  const pauses: unknown[] = [];
  const shells = new Set<Server<CoreEvents>>();
  const running: { kill(): void }[] = [];
  const handlers: Partial<Handlers<CoreCalls>> = {
    'audit.verify': async (_input, { seat }) => ({
      ok: true,
      entries: 1,
      head: JSON.stringify(seat),
      problems: [],
      brokenFrom: null,
    }),
    'privacy.report': async (input) => (reports.push(input), {}),
    'runs.pause': async (input) => {
      pauses.push(input);
      throw new AppError('call.cancelled');
    },
    'images.bytes': async ({ image, key }) => {
      if (key !== 'right') throw new AppError('image.key');
      return { type: 'image/webp', bytes: Buffer.from(`picture ${image}`) };
    },
  };
  const start = (): Child => {
    const { port1, port2 } = new MessageChannel();
    const exits: (() => void)[] = [];
    channels(messagePort(port2)).onOpen((name, port) => {
      if (name === 'engine') return;
      const { seat } = JSON.parse(name) as { seat: { rater: null; paths: boolean; roots: null } };
      shells.add(serve(coreCalls, handlers as Handlers<CoreCalls>, port, { events: coreEvents, seat }));
    });
    const kill = (): void => {
      port1.close();
      exits.splice(0).forEach((tell) => tell());
    };
    running.push({ kill });
    return { port: messagePort(port1), pid: 1, onExit: (tell) => void exits.push(() => tell('')), end: kill, kill };
  };
  await runApp({ electron: parts.electron, start, built, icon: 'tray.png', platform });
  const window = parts.windows[0];
  const frame = { origin: 'acclimate://app', parent: null };
  return {
    ...parts,
    window: window!,
    session: parts.sessions.get('acclimate')!,
    reports,
    pauses,
    killCore: () => running.at(-1)!.kill(),
    emit: <K extends keyof CoreEvents & string>(name: K, data: Parameters<Server<CoreEvents>['emit']>[1]) =>
      shells.forEach((shell) => shell.emit(name, data as never)),
    event: (over: object = {}) => ({ sender: window!.webContents, senderFrame: { ...frame, ...over } }),
  };
}
