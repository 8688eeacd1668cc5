/** Programs that do the same work, one after the other in turn: what is reported is the ratio of neighbours. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A program that waits for lines: `go N` does the work N times and answers with the seconds it took. */
export interface Contestant {
  readonly name: string;
  time(times: number): Promise<number>;
  /** Most memory the program and its children held at once so far, in MB: shared pages counted once. Linux only. */
  peakMegabytes(): number;
  end(): Promise<void>;
}

const sampleMs = 250;

export function contestant(name: string, command: string, words: readonly string[]): Contestant {
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let peak = 0;
  let sampling: NodeJS.Timeout | undefined;
  return {
    name,
    async time(times) {
      sampling = setInterval(() => (peak = Math.max(peak, treeMegabytes(child.pid!))), sampleMs);
      child.stdin.write(`go ${times}\n`);
      // What a library prints on its own is not the answer.
      for (;;) {
        const line = await lines.next();
        if (line.done) throw new Error(`${name} ended`);
        if (!/^[\d.e+-]+$/.test(line.value)) continue;
        clearInterval(sampling);
        return Number(line.value);
      }
    },
    peakMegabytes: () => peak,
    async end() {
      clearInterval(sampling);
      child.stdin.end('quit\n');
      await ended;
    },
  };
}

/** Proportional set size of a process and everything below it; 0 where the system does not tell. */
function treeMegabytes(pid: number): number {
  try {
    const parents = new Map<number, number[]>();
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const parent = parentOf(name);
      if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
    }
    const pending = [pid];
    let sum = 0;
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      sum += setSize(next);
      pending.push(...(parents.get(next) ?? []));
    }
    return sum / 1024;
  } catch {
    return 0;
  }
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function setSize(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Compared {
  readonly peer: string;
  /** Ours ÷ the peer's, in images per second: median over pairs, and the least and the most. */
  readonly ratio: number;
  readonly spread: readonly [number, number];
  readonly imagesPerSecond: number;
  /** Ours ÷ the peer's. */
  readonly memory: number;
  /** First go of the peer beyond what a later one takes: compiling, filling caches. */
  readonly startSeconds: number;
}
export interface Contest {
  readonly imagesPerSecond: number;
  readonly megabytes: number;
  readonly startSeconds: number;
  readonly peers: readonly Compared[];
}

interface Rules {
  /** How often a go does the work, and how many images that is. */
  readonly times: number;
  readonly images: number;
  readonly pairs: number;
}

/** Lets all take turns. Each has one go before that counts for nothing but `startSeconds`. */
export async function contest(
  ours: Contestant,
  peers: readonly Contestant[],
  { times, images, pairs }: Rules,
): Promise<Contest> {
  const all = [ours, ...peers];
  const first = new Map<Contestant, number>();
  const taken = new Map<Contestant, number[]>();
  for (const each of all) first.set(each, await each.time(times));
  for (let pair = 0; pair < pairs; pair++)
    for (const each of all) taken.set(each, [...(taken.get(each) ?? []), await each.time(times)]);
  const of = (each: Contestant): number[] => taken.get(each)!;
  const start = (each: Contestant): number => Math.max(0, first.get(each)! - median(of(each)));
  const result = {
    imagesPerSecond: images / median(of(ours)),
    megabytes: ours.peakMegabytes(),
    startSeconds: start(ours),
    peers: peers.map((peer): Compared => {
      const ratios = of(peer).map((seconds, pair) => seconds / of(ours)[pair]!);
      return {
        peer: peer.name,
        ratio: median(ratios),
        spread: [Math.min(...ratios), Math.max(...ratios)],
        imagesPerSecond: images / median(of(peer)),
        memory: ours.peakMegabytes() / peer.peakMegabytes(),
        startSeconds: start(peer),
      };
    }),
  };
  for (const each of all) await each.end();
  return result;
}
