/**
 * What ONNX Runtime's passes over a graph cost when a session is opened, and what they bring to a step: the same program
 * with all passes and with none. Their steps take turns, first one first and then the other.
 *
 *   npm run bench:opening -- [--work byol] [--backbone efficientnet-lite0] [--batch 64] [--size 96] [--pairs 5]
 *
 * `--work`: a method, finetune or embed. The product takes no passes where a program trains, in blocks, on the processor.
 */
import { parseArgs } from 'node:util';
import type * as Ort from 'onnxruntime-node';
import { physicalCores } from '../src/engine/runtime/cores.ts';
import { cpuLowering } from '../src/engine/runtime/executor.ts';
import { OnnxExecutor } from '../src/engine/runtime/onnx-executor.ts';
import { loadRuntime } from '../src/engine/runtime/telemetry.ts';
import { prepareStep, type Step } from './peers/prepare-step.ts';

const { values } = parseArgs({
  options: {
    work: { type: 'string', default: 'byol' },
    backbone: { type: 'string', default: 'efficientnet-lite0' },
    batch: { type: 'string', default: '64' },
    size: { type: 'string', default: '96' },
    pairs: { type: 'string', default: '5' },
  },
});
type Level = 'all' | 'disabled';
const ort = await loadRuntime();

async function open(level: Level): Promise<{ seconds: number; step: Step }> {
  let milliseconds = 0;
  const timed = {
    Tensor: ort.Tensor,
    InferenceSession: {
      create: async (model: Uint8Array, options: Ort.InferenceSession.SessionOptions) => {
        const begun = performance.now();
        const session = await ort.InferenceSession.create(model, { ...options, graphOptimizationLevel: level });
        milliseconds += performance.now() - begun;
        return session;
      },
    },
  } as unknown as typeof Ort;
  const executor = new OnnxExecutor(timed, level, {
    provider: 'cpu',
    threads: physicalCores(),
    lowering: await cpuLowering(),
  });
  const { work, backbone } = values;
  const step = await prepareStep({ work, backbone, batch: Number(values.batch), size: Number(values.size), executor });
  await step(0);
  return { seconds: milliseconds / 1000, step };
}

const all = await open('all');
const none = await open('disabled');
async function secondsOf(step: Step, at: number): Promise<number> {
  const begun = performance.now();
  await step(at);
  return (performance.now() - begun) / 1000;
}
const ratios: number[] = [];
for (let at = 1; at <= Number(values.pairs); at++) {
  const first = at % 2 ? all.step : none.step;
  const seconds = [await secondsOf(first, at), await secondsOf(first === all.step ? none.step : all.step, at)] as const;
  ratios.push(first === all.step ? seconds[0] / seconds[1] : seconds[1] / seconds[0]);
}
ratios.sort((a, b) => a - b);
const [least, middle, most] = [ratios[0], ratios[Math.floor(ratios.length / 2)], ratios.at(-1)].map((ratio = NaN) =>
  ratio.toFixed(2),
);
console.log(
  `${values.work} of ${values.backbone}, ${values.batch} images: opened in ${all.seconds.toFixed(2)} s with all passes, ` +
    `${none.seconds.toFixed(2)} s without; speed of a step without over that with: ${middle} (${least} to ${most})`,
);
process.exit(0);
