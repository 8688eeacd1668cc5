import { encodeModel } from '../../src/engine/compile/onnx/encode.ts';
import { GraphBuilder } from '../../src/engine/compile/lower/builder.ts';
import { sizeOf } from '../../src/engine/compile/ir.ts';
import { physicalCores } from '../../src/engine/runtime/cores.ts';
import { sessionOptions } from '../../src/engine/runtime/onnx-executor.ts';
import { loadRuntime } from '../../src/engine/runtime/telemetry.ts';
import type { Runtime } from '../../src/engine/runtime/telemetry.ts';

/** Inputs by name, with their shapes. */
export type Inputs = Readonly<Record<string, readonly number[]>>;
/** A way to compute the same: name of the result in the graph. */
export type Ways = Readonly<Record<string, ((g: GraphBuilder) => string) | undefined>>;

/**
 * Milliseconds of every way, the median of `rounds` in which all take turns, on as many threads as there are physical
 * cores. Only a few numbers of the result leave the graph, so that copying it does not count.
 */
export async function race(inputs: Inputs, ways: Ways, rounds = 9): Promise<Record<string, number>> {
  const ort = await loadRuntime();
  const ready = [];
  for (const [name, way] of Object.entries(ways)) {
    if (!way) continue;
    const run = await prepared(ort, inputs, way);
    await run();
    ready.push({ name, run, times: [] as number[] });
  }
  for (let round = 0; round < rounds; round++)
    for (const { run, times } of ready) {
      const begun = performance.now();
      await run();
      times.push(performance.now() - begun);
    }
  return Object.fromEntries(
    ready.map(({ name, times }) => [name, times.sort((a, b) => a - b)[times.length >> 1] as number]),
  );
}

async function prepared(
  ort: Runtime,
  shapes: Inputs,
  way: (g: GraphBuilder) => string,
): Promise<() => Promise<unknown>> {
  const g = new GraphBuilder();
  const few = g.emit('Slice', [g.reshape(way(g), [-1]), g.ints([0]), g.ints([8]), g.ints([0])]);
  g.nodes.push({ op: 'Identity', inputs: [few], outputs: ['result'], attributes: {}, domain: '' });
  // What is not read would be refused.
  const read = new Set(g.nodes.flatMap((node) => node.inputs));
  const inputs = Object.entries(shapes)
    .filter(([name]) => read.has(name))
    .map(([name, shape]) => ({ name, type: 'float32' as const, shape }));
  const model = encodeModel(g.model('bench', inputs, [{ name: 'result', type: 'float32', shape: [8] }]));
  const options = sessionOptions({ provider: 'cpu', threads: physicalCores(), lowering: {} });
  const session = await ort.InferenceSession.create(model, { ...options, graphOptimizationLevel: 'disabled' });
  const feeds = Object.fromEntries(
    inputs.map(({ name, shape }) => [
      name,
      new ort.Tensor(
        'float32',
        Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i)),
        [...shape],
      ),
    ]),
  );
  return () => session.run(feeds);
}
