import type { CoreCalls, CoreEvents } from '../contract/core-calls.ts';
import type { RunState } from '../contract/runs.ts';
import type { Client } from '../rpc/types.ts';
import type { Electron } from './electron.ts';

const working: ReadonlySet<RunState> = new Set(['running', 'pausing', 'cancel-requested', 'stopping']);
/** How long a run may take to reach a saved point when the app ends: what UX §3.5 promises for a pause. */
const PAUSE_MILLISECONDS = 5_000;

export interface Work {
  isGoingOn(): boolean;
  /** Saves every run where it is and leaves it paused, as far as that is done in five seconds. */
  pause(): Promise<void>;
}

/** Knows which runs go on, and keeps the computer awake for them while it is plugged in. */
export function watchWork(
  core: Pick<Client<CoreCalls, CoreEvents>, 'call' | 'on'>,
  { powerMonitor, powerSaveBlocker }: Pick<Electron, 'powerMonitor' | 'powerSaveBlocker'>,
): Work {
  const runs = new Map<string, { readonly project: string; readonly run: string }>();
  const paused = new Set<() => void>();
  let blocker: number | undefined;

  const look = (): void => {
    const isWanted = runs.size > 0 && !powerMonitor.isOnBatteryPower();
    if (isWanted && blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!isWanted && blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
    if (runs.size === 0) paused.forEach((tell) => tell());
  };
  core.on('run.state', ({ project, row: { id, state } }) => {
    if (working.has(state)) runs.set(id, { project, run: id });
    else runs.delete(id);
    look();
  });
  core.on('process.notice', ({ process: name, what }) => {
    // What core worked on has stopped with it, and nobody says so of each run.
    if (name === 'core' && what === 'died') runs.clear();
    look();
  });
  powerMonitor.on('on-ac', look);
  powerMonitor.on('on-battery', look);

  return {
    isGoingOn: () => runs.size > 0,
    async pause() {
      if (runs.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const all = new Promise<void>((resolve) => {
        paused.add(resolve);
        timer = setTimeout(resolve, PAUSE_MILLISECONDS);
      });
      // A run that cannot be paused now goes on from its last saved point.
      for (const run of runs.values()) core.call('runs.pause', run).catch(() => undefined);
      await all;
      clearTimeout(timer);
    },
  };
}
