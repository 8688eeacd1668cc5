/**
 * Where a step's time goes: milliseconds per step by operator, or by operator and shapes, as ONNX Runtime's profiler
 * tells them, and how long the session takes to make.
 *
 *   npm run bench:profile -- --work finetune --backbone resnet18 --batch 32 [--by shape] [--rows 20] [--size 96]
 *
 * `--work`: byol, finetune or embed. The first step is left out.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type * as Ort from 'onnxruntime-node';
import { z } from 'zod';
import { physicalCores } from '../src/engine/runtime/cores.ts';
import { cpuLowering } from '../src/engine/runtime/executor.ts';
import { OnnxExecutor } from '../src/engine/runtime/onnx-executor.ts';
import { loadRuntime } from '../src/engine/runtime/telemetry.ts';
import { prepareStep } from './peers/prepare-step.ts';

const { values } = parseArgs({
  options: {
    work: { type: 'string', default: 'byol' },
    backbone: { type: 'string', default: 'efficientnet-lite0' },
    batch: { type: 'string', default: '64' },
    size: { type: 'string', default: '96' },
    by: { type: 'string', default: 'operator' },
    rows: { type: 'string', default: '20' },
    steps: { type: 'string', default: '4' },
  },
});

const eventsSchema = z.array(
  z.object({
    cat: z.string(),
    name: z.string(),
    dur: z.number(),
    args: z.object({
      op_name: z.string().optional(),
      input_type_shape: z.array(z.record(z.string(), z.array(z.number()))).optional(),
      output_type_shape: z.array(z.record(z.string(), z.array(z.number()))).optional(),
    }),
  }),
);

const folder = mkdtempSync(join(tmpdir(), 'acclimate-profile-'));
const ort = await loadRuntime();
const sessions: Ort.InferenceSession[] = [];
/** The runtime, with every session writing down what it does. */
const watched = {
  Tensor: ort.Tensor,
  InferenceSession: {
    create: async (model: Uint8Array, options: Ort.InferenceSession.SessionOptions) => {
      const profileFilePrefix = join(folder, `session-${sessions.length}`);
      const session = await ort.InferenceSession.create(model, {
        ...options,
        enableProfiling: true,
        profileFilePrefix,
      });
      sessions.push(session);
      return session;
    },
  },
} as unknown as typeof Ort;
const executor = new OnnxExecutor(watched, 'cpu', {
  provider: 'cpu',
  threads: physicalCores(),
  lowering: await cpuLowering(),
});

const begun = performance.now();
const { work, backbone } = values;
const step = await prepareStep({ work, backbone, batch: Number(values.batch), size: Number(values.size), executor });
console.log(`traced, lowered, sessions made and state loaded in ${((performance.now() - begun) / 1000).toFixed(2)} s`);
const steps = Number(values.steps);
for (let i = 0; i < steps; i++) await step(i);
for (const session of sessions) session.endProfiling();

const spent = new Map<string, { milliseconds: number; calls: number }>();
let total = 0;
for (const file of readdirSync(folder)) {
  const seen = new Set<string>();
  for (const { cat, name, dur, args } of eventsSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    if (!seen.has(name)) {
      seen.add(name);
      continue;
    }
    const shapes = (of: typeof args.input_type_shape = []) =>
      of.flatMap((each) => Object.values(each).map((dims) => dims.join('×'))).join(' ');
    const operator = args.op_name ?? name;
    const key =
      values.by === 'shape'
        ? `${operator} ${shapes(args.input_type_shape)} → ${shapes(args.output_type_shape)}`
        : operator;
    const sum = spent.get(key) ?? { milliseconds: 0, calls: 0 };
    spent.set(key, {
      milliseconds: sum.milliseconds + dur / 1000 / (steps - 1),
      calls: sum.calls + 1 / (steps - 1),
    });
    total += dur / 1000 / (steps - 1);
  }
}
rmSync(folder, { recursive: true });
console.log(`${total.toFixed(0)} ms in all operators, per step of ${values.batch} images`);
const rows = [...spent].sort((a, b) => b[1].milliseconds - a[1].milliseconds).slice(0, Number(values.rows));
for (const [key, { milliseconds, calls }] of rows)
  console.log(
    `${milliseconds.toFixed(1).padStart(8)} ms ${((100 * milliseconds) / total).toFixed(1).padStart(5)} % ${calls.toFixed(0).padStart(5)} × ${key}`,
  );
process.exit(0);
