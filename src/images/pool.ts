import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AppError } from '../contract/errors.ts';
import { limits } from './limits.ts';
import { childMessageSchema, type ChildReply, type ChildRequest, type DecodeTask } from './messages.ts';
import type {
  EncodedImage,
  EncodeOptions,
  ImageFacts,
  ImageOutcome,
  ImageRecord,
  ImageSource,
  RecordOptions,
} from './types.ts';

export interface PoolOptions {
  /** Children. */
  readonly size?: number;
  /** Children give way to whatever else this computer does: an import that goes on while somebody labels. */
  readonly background?: boolean;
  /** Seconds one image may take before its child is ended. */
  readonly secondsPerImage?: number;
}
export interface ManyOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decoding in child processes. A child that dies or takes too long costs the one image it was at; the rest of
 * its batch goes to a fresh child. Outcomes come as they are ready; `index` says which source each belongs to.
 * Leaving the loop early, or aborting the signal (the loop then throws the signal's reason), drops what has not begun.
 */
export interface ImagePool {
  inspectMany(sources: Iterable<ImageSource>, options?: ManyOptions): AsyncIterableIterator<ImageOutcome<ImageFacts>>;
  recordMany(
    sources: Iterable<ImageSource>,
    options: RecordOptions & ManyOptions,
  ): AsyncIterableIterator<ImageOutcome<ImageRecord>>;
  /** One copy to look at. Aborting rejects at once with the signal's reason. */
  encode(source: ImageSource, options: EncodeOptions & ManyOptions): Promise<ImageOutcome<EncodedImage>>;
  /** Starts the children before there is work: the first picture does not wait for a process. */
  warm(): void;
  close(): void;
}

const batchLength = 16;
const childFile = fileURLToPath(new URL('./decoder-child.ts', import.meta.url));

interface Item {
  readonly index: number;
  readonly source: ImageSource;
  /** Blamed once for a death; decoded alone the second time. */
  readonly suspect?: true;
}
type Settled = { readonly index: number } & ChildReply;
interface Job {
  readonly task: DecodeTask;
  readonly queue: Item[][];
  settle(outcome: Settled): void;
  fail(error: AppError): void;
}

export function createImagePool(options: PoolOptions = {}): ImagePool {
  const { size = availableParallelism(), secondsPerImage = limits.secondsPerImage, background = false } = options;
  const pool = new Pool(size, secondsPerImage, background);
  return {
    inspectMany: (sources, many = {}) =>
      pool.run({ kind: 'inspect' }, sources, many.signal) as AsyncIterableIterator<ImageOutcome<ImageFacts>>,
    recordMany: (sources, { side, crop = 'fit', signal }) =>
      pool.run({ kind: 'record', side, crop }, sources, signal) as AsyncIterableIterator<ImageOutcome<ImageRecord>>,
    encode: async (source, { side, use, signal }) => {
      const outcomes = pool.run({ kind: 'encode', side, use }, [source], signal);
      for await (const outcome of outcomes) return outcome as ImageOutcome<EncodedImage>;
      throw new AppError('images.closed');
    },
    warm: () => pool.warm(),
    close: () => pool.close(),
  };
}

class Pool {
  readonly #size: number;
  readonly #milliseconds: number;
  readonly #background: boolean;
  readonly #decoders = new Set<Decoder>();
  readonly #idle: Decoder[] = [];
  readonly #jobs = new Set<Job>();
  #stillborn = 0;
  #closed = false;

  constructor(size: number, secondsPerImage: number, background: boolean) {
    this.#background = background;
    this.#size = Math.max(1, size);
    this.#milliseconds = secondsPerImage * 1000;
  }

  async *run(task: DecodeTask, sources: Iterable<ImageSource>, signal?: AbortSignal): AsyncGenerator<Settled> {
    signal?.throwIfAborted();
    const ready: Settled[] = [];
    let failure: AppError | undefined;
    let outstanding = 0;
    let wake = (): void => {};
    const job: Job = {
      task,
      queue: [],
      settle: (outcome) => {
        ready.push(outcome);
        wake();
      },
      fail: (error) => {
        failure = error;
        wake();
      },
    };
    const onAbort = (): void => wake();
    signal?.addEventListener('abort', onAbort);
    this.#jobs.add(job);
    const iterator = sources[Symbol.iterator]();
    let index = 0;
    let exhausted = false;
    const feed = (): void => {
      const most = this.#size * batchLength * 2;
      while (!exhausted && outstanding + batchLength <= most) {
        const items: Item[] = [];
        while (items.length < batchLength && !exhausted) {
          const next = iterator.next();
          if (next.done) exhausted = true;
          else items.push({ index: index++, source: next.value });
        }
        if (items.length) job.queue.push(items);
        outstanding += items.length;
      }
      this.#dispatch();
    };
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (failure) throw failure;
        const outcome = ready.shift();
        if (outcome) {
          outstanding--;
          yield outcome;
          continue;
        }
        feed();
        if (outstanding === 0 && exhausted) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (ready.length || failure || signal?.aborted) resolve();
        });
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#jobs.delete(job);
      iterator.return?.();
    }
  }

  warm(): void {
    for (let decoder = this.#start(); decoder; decoder = this.#start()) {
      decoder.rest();
      this.#idle.push(decoder);
    }
  }

  close(): void {
    this.#closed = true;
    for (const decoder of this.#decoders) decoder.end();
    for (const job of this.#jobs) job.fail(new AppError('images.closed'));
  }

  #dispatch(): void {
    for (const job of this.#jobs) {
      while (job.queue.length) {
        const decoder = this.#idle.pop() ?? this.#start();
        if (!decoder) return;
        decoder.work(job, job.queue.shift() as Item[]);
      }
    }
  }

  #start(): Decoder | undefined {
    if (this.#closed || this.#decoders.size >= this.#size) return undefined;
    const decoder = new Decoder(this.#milliseconds, this.#background, {
      ready: () => {
        this.#stillborn = 0;
      },
      idle: () => {
        this.#idle.push(decoder);
        this.#dispatch();
      },
      gone: (job, rest, blamed) => {
        this.#decoders.delete(decoder);
        const at = this.#idle.indexOf(decoder);
        if (at >= 0) this.#idle.splice(at, 1);
        if (this.#closed || !job) return;
        if (!decoder.wasReady && ++this.#stillborn > 2) {
          job.fail(new AppError('images.decoder'));
          return;
        }
        if (rest.length) job.queue.unshift(rest);
        if (blamed) job.queue.unshift([blamed]);
        this.#dispatch();
      },
    });
    this.#decoders.add(decoder);
    return decoder;
  }
}

interface DecoderEvents {
  ready(): void;
  idle(): void;
  /** The child ended. `blamed` is to be tried again alone; a second death is its own fault. */
  gone(job: Job | undefined, rest: Item[], blamed: Item | undefined): void;
}

class Decoder {
  readonly #child: ChildProcess;
  readonly #milliseconds: number;
  readonly #events: DecoderEvents;
  #job: Job | undefined;
  #items: Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timedOut = false;
  #ended = false;
  wasReady = false;

  constructor(milliseconds: number, background: boolean, events: DecoderEvents) {
    this.#milliseconds = milliseconds;
    this.#events = events;
    this.#child = fork(childFile, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // What lies in a picture's buffers is not counted when Node decides to clear up: with the room it takes by itself
      // for new objects it keeps hundreds of pictures.
      execArgv: [...process.execArgv, '--max-semi-space-size=1'],
      // One image at a time: with an arena per thread glibc keeps the room of several pictures.
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    });
    if (background) giveWay(this.#child.pid);
    this.#child.on('message', (message) => this.#onMessage(message));
    this.#child.on('error', () => this.#onEnd());
    this.#child.on('exit', () => this.#onEnd());
  }

  work(job: Job, items: Item[]): void {
    this.#job = job;
    this.#items = items;
    this.#child.ref();
    this.#child.channel?.ref();
    this.#arm();
    const request: ChildRequest = { task: job.task, sources: items.map((item) => item.source) };
    this.#child.send(request, () => {
      // A child that is gone answers through its exit.
    });
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  /** A child that has nothing to do keeps no process from ending. */
  rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.end();
    }, this.#milliseconds);
  }

  #onMessage(message: unknown): void {
    const parsed = childMessageSchema.safeParse(message);
    // A child that answers nonsense has died as a decoder.
    if (!parsed.success) return this.end();
    const reply = parsed.data;
    if (reply === 'ready') {
      this.wasReady = true;
      this.#events.ready();
      if (this.#job) this.#arm();
      return;
    }
    const item = this.#items.shift();
    const job = this.#job;
    if (!item || !job || this.#timedOut) return;
    if (this.#items.length) this.#arm();
    else {
      clearTimeout(this.#timer);
      this.#job = undefined;
    }
    job.settle({ index: item.index, ...reply });
    if (this.#items.length) return;
    this.rest();
    this.#events.idle();
  }

  #onEnd(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const job = this.#job;
    const [first, ...rest] = this.#items;
    if (!this.wasReady || !job || !first) {
      this.#events.gone(job, this.#items, undefined);
    } else if (this.#timedOut) {
      const seconds = this.#milliseconds / 1000;
      job.settle({ index: first.index, ok: false, code: 'timed-out', reason: `not read within ${seconds} seconds` });
      this.#events.gone(job, rest, undefined);
    } else if (first.suspect) {
      job.settle({ index: first.index, ok: false, code: 'decoder-died', reason: 'the decoder crashed on this file' });
      this.#events.gone(job, rest, undefined);
    } else {
      this.#events.gone(job, rest, { ...first, suspect: true });
    }
  }
}

function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It is gone already, or the system does not let it: then it competes like everything else.
  }
}
