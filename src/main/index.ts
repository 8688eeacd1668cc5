import '../guard/no-network.ts';
import * as electron from 'electron';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { forkChild } from '../processes/fork.ts';
import { runApp } from './app.ts';
import { shippedNode } from './shipped-node.ts';

// Core, engine and what they start are files for Node, which reads no archive: in the packaged app they lie beside it.
const files = electron.app.getAppPath().replace(/\.asar$/, '.asar.unpacked');
const source = (path: string): URL => pathToFileURL(join(files, 'src', path));
const outside = { node: shippedNode(files), guard: source('guard/no-network.ts') };

void runApp({
  electron,
  start: (name) => forkChild(source(`${name}/entry.ts`), { outside, givesWay: name === 'engine' }),
  built: join(import.meta.dirname, '..'),
  icon: join(files, 'resources', 'icons', 'tray.png'),
  platform: process.platform,
});
