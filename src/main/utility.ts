import { utilityProcess } from 'electron';
import { join } from 'node:path';
import type { Port } from '../rpc/types.ts';

export interface Child {
  readonly port: Port;
  onExit(listener: (code: number) => void): void;
  kill(): void;
}

/** Starts one of Acclimate's processes from its source, behind the network guard, with telemetry off. */
export function startUtility(appFolder: string, name: 'core' | 'engine'): Child {
  const child = utilityProcess.fork(join(appFolder, 'src', 'main', 'child.ts'), [`../${name}/entry.ts`], {
    serviceName: `acclimate-${name}`,
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    stdio: 'ignore',
  });
  return {
    port: {
      send: (frame) => child.postMessage(frame),
      onFrame: (listener) => child.on('message', listener),
      onClose: (listener) => child.once('exit', listener),
      close: () => child.kill(),
    },
    onExit: (listener) => child.once('exit', listener),
    kill: () => child.kill(),
  };
}
