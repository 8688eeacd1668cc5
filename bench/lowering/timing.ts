import { encodeModel } from '../../src/engine/compile/onnx/encode.ts';
import { GraphBuilder } from '../../src/engine/compile/lower/builder.ts';
import { sessionOptions } from '../../src/engine/runtime/onnx-executor.ts';
import { loadRuntime } from '../../src/engine/runtime/telemetry.ts';
import type { Runtime } from '../../src/engine/runtime/telemetry.ts';

type Build = (g: GraphBuilder) => string;
export interface Candidate {
  readonly name: string;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly output: readonly number[];
  readonly build: Build;
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export interface Prepared {
  readonly name: string;
  run(): Promise<number>;
  release(): Promise<void>;
}

export async function prepare(ort: Runtime, candidate: Candidate, threads = 1): Promise<Prepared> {
  const g = new GraphBuilder();
  const y = candidate.build(g);
  g.nodes.push({ op: 'Identity', inputs: [y], outputs: ['result'], attributes: {}, domain: '' });
  const inputs = Object.entries(candidate.inputs).map(([name, shape]) => ({ name, type: 'float32' as const, shape }));
  const model = encodeModel(g.model('bench', inputs, [{ name: 'result', type: 'float32', shape: candidate.output }]));
  const session = await ort.InferenceSession.create(model, sessionOptions({ provider: 'cpu', threads, lowering: {} }));
  const feeds: Record<string, InstanceType<Runtime['Tensor']>> = {};
  for (const { name, shape } of inputs)
    feeds[name] = new ort.Tensor(
      'float32',
      Float32Array.from({ length: size(shape) }, (_, i) => Math.sin(i)),
      [...shape],
    );
  const out = { result: new ort.Tensor('float32', new Float32Array(size(candidate.output)), [...candidate.output]) };
  return {
    name: candidate.name,
    run: async () => {
      const start = process.cpuUsage();
      await session.run(feeds, out);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    },
    release: () => session.release(),
  };
}

/**
 * Best and median milliseconds of processor time of each candidate on one thread, measured in turns: processor time,
 * because other work on the machine must not decide.
 */
export async function race(title: string, candidates: readonly Candidate[], rounds = 7): Promise<void> {
  const ort = await loadRuntime();
  const times = new Map<string, number[]>();
  const ready: Prepared[] = [];
  for (const candidate of candidates) {
    try {
      const prepared = await prepare(ort, candidate);
      await prepared.run();
      ready.push(prepared);
      times.set(candidate.name, []);
    } catch (error) {
      console.log(`${title} ${candidate.name}: ${String(error).slice(0, 160)}`);
    }
  }
  for (let i = 0; i < rounds; i++) for (const p of ready) times.get(p.name)?.push(await p.run());
  for (const p of ready) await p.release();
  const parts = [...times].map(([name, list]) => {
    const sorted = list.sort((a, b) => a - b);
    return `${name} ${(sorted[0] ?? NaN).toFixed(1)} (${(sorted[sorted.length >> 1] ?? NaN).toFixed(1)})`;
  });
  console.log(`${title} [ms, best (median)]: ${parts.join(' | ')}`);
}
