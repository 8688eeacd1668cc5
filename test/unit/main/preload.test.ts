import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import type { Bridge } from '../../../src/contract/bridge.ts';

const asked: unknown[][] = [];
const listeners = new Map<string, (event: unknown, given: unknown) => void>();
const exposed = new Map<string, unknown>();
const posted: unknown[][] = [];
const file = new URL('../../../src/preload/index.ts', import.meta.url);

test('the bridge passes named messages on and hands out nothing of Electron', async () => {
  Object.assign(globalThis, {
    electronParts: {
      contextBridge: { exposeInMainWorld: (name: string, bridge: unknown) => exposed.set(name, bridge) },
      ipcRenderer: {
        invoke: (...given: unknown[]) => (asked.push(given), Promise.resolve('/chosen')),
        send: (...given: unknown[]) => void asked.push(given),
        on: (channel: string, listener: (event: unknown, given: unknown) => void) => listeners.set(channel, listener),
      },
      webUtils: { getPathForFile: () => '/dropped' },
    },
    location: { origin: 'acclimate://app' },
    window: { postMessage: (...given: unknown[]) => posted.push(given) },
  });
  const parts = 'export const { contextBridge, ipcRenderer, webUtils } = globalThis.electronParts;';
  registerHooks({
    resolve: (name, context, next) =>
      name === 'electron'
        ? { url: `data:text/javascript,${encodeURIComponent(parts)}`, shortCircuit: true }
        : next(name, context),
  });
  await import(file.href);

  assert.deepEqual([...exposed.keys()], ['acclimate']);
  const bridge = exposed.get('acclimate') as Bridge;
  assert.equal(await bridge.pickFolder(), '/chosen');
  await bridge.pickFile();
  await bridge.pickSave('table.csv');
  bridge.showInFolder('/folder');
  bridge.setMenu([]);
  bridge.requestPort();
  assert.deepEqual(asked, [
    ['pick-folder'],
    ['pick-file'],
    ['pick-save', 'table.csv'],
    ['show-in-folder', '/folder'],
    ['set-menu', []],
    ['request-port'],
  ]);
  assert.equal(bridge.pathOf({} as File), '/dropped');
  const heard: string[] = [];
  bridge.onCommand((id) => heard.push(id));
  listeners.get('command')!({ sender: 'secret' }, 'edit.undo');
  assert.deepEqual(heard, ['edit.undo']);
  listeners.get('port')!({ ports: ['port'] }, 'acclimate:port');
  assert.deepEqual(posted, [['acclimate:port', 'acclimate://app', ['port']]]);
});

test('the bridge stays under 50 lines', () => assert(readFileSync(file, 'utf8').split('\n').length < 50));
