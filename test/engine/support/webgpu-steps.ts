// Steps of a small program on WebGPU, beside eager. Told as JSON: how far apart they are, and where tensors were.
import type * as Ort from 'onnxruntime-node';
import { tf } from '../../../src/engine/tf.ts';
import type { HostTree, Program, Tree, TreeSpec } from '../../../src/engine/nn/types.ts';
import { EagerExecutor } from '../../../src/engine/runtime/eager-executor.ts';
import { createProviderExecutor } from '../../../src/engine/runtime/executor.ts';
import { loadRuntime } from '../../../src/engine/runtime/telemetry.ts';
import { relativeError } from './eager.ts';
import { unitTensor } from './formula.ts';

export interface Told {
  /** Worst ‖a − b‖ / ‖b‖ of a metric or a state entry, over all steps. */
  readonly error: number;
  /** Of each call of the program itself: where the state was read, where its new value and the metrics were left. */
  readonly calls: readonly { readonly read: string[]; readonly written: string[]; readonly metrics: string[] }[];
}

const at = (tree: Tree, key: string): tf.Tensor => tree[key] as tf.Tensor;

/** Two layers: of the first, only what follows from it is used; the second is trained with momentum. */
const program: Program = {
  name: 'on-device',
  signature: {
    state: { fixed: spec([6, 8]), trained: spec([8, 3]), momentum: spec([8, 3]) } satisfies TreeSpec,
    batch: { x: spec([4, 6]) },
    hyper: { rate: spec([]) },
    random: {},
  },
  step({ state, batch, hyper }) {
    const features = tf.relu(tf.matMul(at(batch, 'x') as tf.Tensor2D, tf.square(at(state, 'fixed')) as tf.Tensor2D));
    const loss = (w: tf.Tensor) =>
      tf.mean(tf.square(tf.matMul(features as tf.Tensor2D, w as tf.Tensor2D))) as tf.Scalar;
    const { value, grads } = tf.valueAndGrads(loss)([at(state, 'trained')]);
    const momentum = tf.add(tf.mul(at(state, 'momentum'), 0.9), grads[0] as tf.Tensor);
    const trained = tf.sub(at(state, 'trained'), tf.mul(momentum, at(hyper, 'rate')));
    return { state: { trained, momentum }, metrics: { loss: value } };
  },
};

function spec(shape: readonly number[]): { shape: readonly number[]; dtype: 'float32' } {
  return { shape, dtype: 'float32' };
}

/** Two steps, one entry set anew, two steps. */
async function trajectory(
  executor: EagerExecutor | Awaited<ReturnType<typeof createProviderExecutor>>,
): Promise<HostTree[]> {
  const compiled = await executor.compile(program);
  const told: HostTree[] = [];
  const loads: HostTree[] = [
    { fixed: unitTensor([6, 8], 1), trained: unitTensor([8, 3], 2), momentum: unitTensor([8, 3], 3) },
    { fixed: unitTensor([6, 8], 4) },
  ];
  for (const state of loads) {
    await compiled.load(state);
    for (let step = 0; step < 2; step++)
      told.push(
        await compiled.run({
          batch: { x: unitTensor([4, 6], 10 + step) },
          hyper: { rate: { ...spec([]), data: Float32Array.of(0.1) } },
          random: {},
        }),
      );
    told.push(await compiled.read());
  }
  await compiled.dispose();
  return told;
}

const ort = await loadRuntime();
const calls: Told['calls'][number][] = [];
const { create } = ort.InferenceSession;
const places = (tensors: Readonly<Record<string, Ort.Tensor>>, of: (name: string) => boolean): string[] =>
  Object.keys(tensors)
    .filter(of)
    .map((name) => (tensors[name] as Ort.Tensor).location);
ort.InferenceSession.create = (async (...given: Parameters<typeof create>) => {
  const session = await create.apply(ort.InferenceSession, given);
  const run = session.run.bind(session) as typeof session.run;
  if (!session.inputNames.includes('batch.x')) return session;
  session.run = (async (feeds: Record<string, Ort.Tensor>, ...rest: []) => {
    const read = places(feeds, (name) => !/^(batch|hyper)\./.test(name));
    const results = await run(feeds, ...rest);
    const isMetric = (name: string) => results[name]?.dims.length === 0;
    calls.push({
      read,
      written: places(results, (name) => !isMetric(name)),
      metrics: places(results, isMetric),
    });
    return results;
  }) as typeof session.run;
  return session;
}) as typeof create;

const executor = await createProviderExecutor('webgpu');
const onDevice = await trajectory(executor);
const eager = await trajectory(new EagerExecutor('cpu', 'eager'));
const error = Math.max(
  ...eager.flatMap((tree, i) =>
    Object.entries(tree).map(([key, { data }]) => relativeError(onDevice[i]?.[key]?.data ?? [], data)),
  ),
);
await executor.dispose();
process.stdout.write(JSON.stringify({ error, calls } satisfies Told));
