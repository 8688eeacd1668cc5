import type { CoreCalls, CoreEvents } from '../contract/core-calls.ts';
import type { RunState } from '../contract/runs.ts';
import type { Client } from '../rpc/types.ts';

const working: ReadonlySet<RunState> = new Set(['running', 'pausing', 'cancel-requested', 'stopping']);
/** How long a run may take to reach a saved point when the shell ends: as long as a pause may take. */
const PAUSE_MILLISECONDS = 5_000;

export interface Work {
  isGoingOn(): boolean;
  /** Saves every run where it is and leaves it interrupted, as far as that is done in five seconds. */
  pause(): Promise<void>;
}

/** Knows which runs go on behind a shell; `onChange` is told when one began or ended. */
export function watchWork(
  core: Pick<Client<CoreCalls, CoreEvents>, 'call' | 'on'>,
  onChange: (isGoingOn: boolean) => void = () => undefined,
): Work {
  const runs = new Map<string, { readonly project: string; readonly run: string }>();
  const waiting = new Set<() => void>();
  const changed = (): void => {
    onChange(runs.size > 0);
    if (runs.size === 0) waiting.forEach((tell) => tell());
  };
  core.on('run.state', ({ project, row: { id, state } }) => {
    if (working.has(state)) runs.set(id, { project, run: id });
    else runs.delete(id);
    changed();
  });
  core.on('process.notice', ({ process: name, what }) => {
    // What core worked on has stopped with it, and nobody says so of each run.
    if (name !== 'core' || what !== 'died') return;
    runs.clear();
    changed();
  });

  return {
    isGoingOn: () => runs.size > 0,
    async pause() {
      if (runs.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const all = new Promise<void>((resolve) => {
        waiting.add(resolve);
        timer = setTimeout(resolve, PAUSE_MILLISECONDS);
      });
      // A run that cannot be paused now goes on from its last saved point.
      for (const run of runs.values()) core.call('runs.pause', { ...run, closing: true }).catch(() => undefined);
      await all;
      clearTimeout(timer);
    },
  };
}
