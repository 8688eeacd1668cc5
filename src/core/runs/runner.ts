import { AppError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/progress.ts';
import type { RunState } from '../../contract/runs.ts';
import type Database from 'better-sqlite3';
import type { Ending } from './one-click.ts';
import { takeRequest, type Wish } from './request.ts';
import { resultHashes } from './result-hashes.ts';
import { changeState, findRun, saveFraction, type Change, type StoredRun } from './rows.ts';

/** A run this process works on. */
interface Active {
  readonly abort: AbortController;
  wish: Wish | null;
  want(wish: Wish): StoredRun;
}

export interface Execution {
  readonly db: Database.Database;
  readonly id: string;
  readonly runFolder: string;
  /** Aborted when whoever asked for the run is gone or gives up: the run pauses. */
  readonly caller: AbortSignal;
  onState(run: StoredRun): void;
  onProgress(progress: Progress): void;
  work(signal: AbortSignal, report: (progress: Progress) => void): Promise<Ending>;
}

export type Ended = { readonly outcome: 'finished' | 'paused' | 'cancelled' | 'collapsed'; readonly ending: Ending };

/** How often the wish of another process is looked for, and the fraction written, at most. */
const pollMs = 300;
const saveMs = 2000;

/** Runs of this process: carries them out and keeps their rows true to what happens. */
export class Runner {
  readonly #active = new Map<string, Active>();

  /** Ids of runs under way in the project. */
  alive(db: Database.Database): Set<string> {
    return new Set(
      [...this.#active.keys()]
        .filter((key) => key.startsWith(`${db.name} `))
        .map((key) => key.slice(db.name.length + 1)),
    );
  }

  /**
   * Asks a run of this process to pause or to cancel.
   * @returns its row, or null where this process does not work on it
   */
  want(db: Database.Database, id: string, wish: Wish): StoredRun | null {
    return this.#active.get(keyOf(db, id))?.want(wish) ?? null;
  }

  /**
   * Carries a run out, from whatever state it can go on from.
   * @throws AppError `run.busy`, and what stopped the run: `disk.full` leaves it paused, `process.died` interrupted,
   *   anything else failed; what was done is kept
   */
  async execute(execution: Execution): Promise<Ended> {
    const { db, id, runFolder, caller, onState } = execution;
    const key = keyOf(db, id);
    if (this.#active.has(key)) throw new AppError('run.busy', { run: id });
    const begun = performance.now();
    let counted = 0;
    // A run that goes on does not begin at nothing again.
    let { fraction } = findRun(db, id);
    let saved = 0;

    const go = (to: RunState, change: Change = {}): StoredRun => {
      const seconds = (performance.now() - begun) / 1000;
      const run = changeState(db, id, to, { fraction, ...change, seconds: seconds - counted });
      counted = seconds;
      onState(run);
      return run;
    };
    const active: Active = {
      abort: new AbortController(),
      wish: null,
      want(wish) {
        if (active.wish !== 'cancel' && active.wish !== wish) {
          active.wish = wish;
          go(wish === 'cancel' ? 'cancel-requested' : 'pausing');
          active.abort.abort(new AppError('call.cancelled'));
          if (wish === 'cancel') go('stopping');
        }
        return findRun(db, id);
      },
    };
    const look = (): void => {
      const wish = takeRequest(runFolder);
      if (wish) active.want(wish);
    };
    const pauseForCaller = (): void => void active.want('pause');

    takeRequest(runFolder);
    go('running');
    this.#active.set(key, active);
    const poll = setInterval(look, pollMs);
    caller.addEventListener('abort', pauseForCaller, { once: true });
    try {
      if (caller.aborted) pauseForCaller();
      const ending = await execution.work(active.abort.signal, (progress) => {
        fraction = Math.max(fraction, progress.fraction);
        if (performance.now() - saved > saveMs) {
          saved = performance.now();
          saveFraction(db, id, fraction);
        }
        execution.onProgress({ ...progress, fraction });
      });
      return { outcome: this.#settle(ending, active.wish, runFolder, go), ending };
    } catch (thrown) {
      const error = AppError.from(thrown);
      if (active.wish === 'cancel') {
        go('cancelled');
        return { outcome: 'cancelled', ending: { outcome: 'paused' } };
      }
      go(stateAfter(error), { error: error.message, errorCode: fullDisk.has(error.code) ? 'disk.full' : error.code });
      throw error;
    } finally {
      clearInterval(poll);
      caller.removeEventListener('abort', pauseForCaller);
      this.#active.delete(key);
    }
  }

  #settle(
    ending: Ending,
    wish: Wish | null,
    runFolder: string,
    go: (to: RunState, change?: Change) => StoredRun,
  ): Ended['outcome'] {
    if (wish === 'cancel') {
      go('cancelled');
      return 'cancelled';
    }
    switch (ending.outcome) {
      case 'finished':
        go('finished', {
          fraction: 1,
          files: resultHashes(runFolder),
          ...(ending.results ? { summary: ending.results.headline } : {}),
        });
        return 'finished';
      case 'paused':
        go(wish === 'leave' ? 'interrupted' : 'paused');
        return 'paused';
      case 'collapsed':
        go('stopped', {
          error: 'The adaptation collapsed; the model without it is there.',
          errorCode: 'train.collapsed',
        });
        return 'collapsed';
    }
  }
}

const keyOf = (db: Database.Database, id: string): string => `${db.name} ${id}`;

/** Of the engine's files, or of the project's own: the same to whoever waits for the run. */
const fullDisk: ReadonlySet<string> = new Set(['disk.full', 'project.diskFull']);

function stateAfter({ code }: AppError): RunState {
  if (fullDisk.has(code)) return 'paused';
  return code === 'process.died' || code === 'gpu.lost' ? 'interrupted' : 'failed';
}
