import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge } from '../contract/bridge.ts';

const pick = (channel: string, ...given: string[]): Promise<string | null> =>
  ipcRenderer.invoke(channel, ...given) as Promise<string | null>;

const bridge: Bridge = {
  platform: process.platform,
  pickFolder: () => pick('pick-folder'),
  pickFile: () => pick('pick-file'),
  pickSave: (name) => pick('pick-save', name),
  showInFolder: (path) => ipcRenderer.send('show-in-folder', path),
  pathOf: (file) => webUtils.getPathForFile(file),
  requestPort: () => ipcRenderer.send('request-port'),
  setMenu: (menu) => ipcRenderer.send('set-menu', menu),
  onCommand: (listener) => void ipcRenderer.on('command', (_event, id: string) => listener(id)),
};

// A port cannot cross the bridge as an argument; it is handed to the page as a message of its own window.
ipcRenderer.on('port', (event, message: string) => window.postMessage(message, location.origin, event.ports));

contextBridge.exposeInMainWorld('acclimate', bridge);
