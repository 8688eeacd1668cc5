import { app, utilityProcess } from 'electron';
import { join } from 'node:path';
import type { ProcessName } from '../processes/processes.ts';
import type { Child } from '../processes/supervise.ts';

/** In the packaged app, `resources` lies beside the app's own folder. */
const resources = (): string => (app.isPackaged ? process.resourcesPath : join(app.getAppPath(), 'resources'));

/** Starts one of Acclimate's processes from its source, behind the network guard, with telemetry off. */
export function startUtility(name: ProcessName): Child {
  const child = utilityProcess.fork(join(app.getAppPath(), 'src', 'main', 'child.ts'), [`../${name}/entry.ts`], {
    serviceName: `acclimate-${name}`,
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', ACCLIMATE_RESOURCES: resources() },
    stdio: 'ignore',
  });
  const kill = (): void => void child.kill();
  return {
    port: {
      send: (frame) => child.postMessage(frame),
      onFrame: (listener) => child.on('message', listener),
      onClose: (listener) => child.once('exit', listener),
      close: kill,
    },
    get pid() {
      return child.pid;
    },
    onExit: (listener) => child.once('exit', (code) => listener(`status ${code}`)),
    end: kill,
    kill,
  };
}
