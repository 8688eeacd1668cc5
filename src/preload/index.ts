import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge } from '../contract/bridge.ts';

const bridge: Bridge = {
  pickFolder: () => ipcRenderer.invoke('pick-folder') as Promise<string | null>,
  requestPort: () => ipcRenderer.send('request-port'),
};

// A port cannot cross the bridge as an argument; it is handed to the page as a message of its own window.
ipcRenderer.on('port', (event, message: string) => window.postMessage(message, location.origin, event.ports));

contextBridge.exposeInMainWorld('acclimate', bridge);
