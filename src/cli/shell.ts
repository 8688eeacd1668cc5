import type { CoreCalls, CoreEvents } from '../contract/core-calls.ts';
import type { Client } from '../rpc/types.ts';
import type { Notice } from '../processes/supervise.ts';
import { startHost, type Host } from '../server/host.ts';
import type { Shell, WorkOptions } from './command.ts';
import { progressLine, type Screen } from './format/progress.ts';
import { interrupts } from './interrupts.ts';

export interface RunningShell extends Shell {
  /** Ends the processes behind it. */
  stop(): Promise<void>;
}

const processWords: Readonly<Record<string, string>> = {
  core: 'The part that keeps the project',
  engine: 'The part that computes',
};

function noticeText({ process: name, what }: Notice): string {
  const part = processWords[name] ?? name;
  if (what === 'died') return `${part} stopped unexpectedly. What was saved is on disk.`;
  if (what === 'restarted') return `${part} was started again.`;
  return `${part} keeps stopping, so it is not started again. See --debug.`;
}

/** The terminal's shell: starts core at the first call, shows progress, answers Ctrl-C. */
export function openShell(options: { debug: boolean; screen: Screen }): RunningShell {
  const line = progressLine(options.screen);
  const signals = interrupts();
  let host: Host | undefined;
  let client: Client<CoreCalls, CoreEvents> | undefined;

  const connected = (): Client<CoreCalls, CoreEvents> => {
    host ??= startHost({ debug: options.debug, onNotice: (notice) => line.say(noticeText(notice)) });
    client ??= host.connect();
    return client;
  };

  /** First Ctrl-C: to a saved point and stay there. Second: give the run up. Third: at once. */
  const onInterrupt =
    (core: Client<CoreCalls, CoreEvents>, abort: AbortController, { pausable }: WorkOptions) =>
    (nth: number): void => {
      if (nth >= 3 || (nth === 2 && pausable === undefined)) process.exit(1);
      if (pausable === undefined) {
        line.say('Stopping at the next safe point. Ctrl-C again stops at once.');
        abort.abort();
      } else if (nth === 1) {
        line.say('Pausing at the next safe point. Ctrl-C again cancels the run.');
        core.call('runs.pause', { project: pausable }).catch(() => abort.abort());
      } else {
        line.say('Cancelling. Ctrl-C again stops at once.');
        core.call('runs.cancel', { project: pausable }).catch(() => abort.abort());
      }
    };

  return {
    debug: options.debug,
    say: line.say,
    async call(name, input, work = {}) {
      const core = connected();
      const abort = new AbortController();
      const release = signals.listen(onInterrupt(core, abort, work));
      try {
        return await core.call(name, input, { signal: abort.signal, onProgress: line.show });
      } finally {
        release();
        line.end();
      }
    },
    untilInterrupted: () =>
      new Promise((resolve) => {
        const release = signals.listen(() => {
          release();
          resolve();
        });
      }),
    async stop() {
      line.end();
      client?.close();
      await host?.stop();
    },
  };
}
