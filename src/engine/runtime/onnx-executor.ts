import type * as Ort from 'onnxruntime-node';
import { encodeModel } from '../compile/onnx/encode.ts';
import { lower, type LoweredProgram } from '../compile/lower/lower.ts';
import type { LoweringOptions } from '../compile/lower/lowering.ts';
import { trace } from '../compile/trace.ts';
import type { CompiledProgram, Executor, Program } from '../nn/types.ts';
import { DeviceState, ON_DEVICE } from './device-state.ts';
import { explained } from './failures.ts';
import { zeros } from './host.ts';
import { OnnxProgram, STATE } from './onnx-program.ts';

export interface OnnxExecutorOptions {
  /** ONNX Runtime's name of the execution provider, with its settings. */
  readonly provider: string | Readonly<Record<string, unknown> & { name: string }>;
  readonly threads: number;
  readonly lowering: LoweringOptions;
  /** The provider can keep tensors in its device's memory between calls. */
  readonly keepsState?: boolean;
}

type Level = NonNullable<Ort.InferenceSession.SessionOptions['graphOptimizationLevel']>;
/** By output, or all alike. */
type Places = NonNullable<Ort.InferenceSession.SessionOptions['preferredOutputLocation']>;

export function sessionOptions({ provider, threads }: OnnxExecutorOptions): Ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [provider as string],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    enableCpuMemArena: true,
    // A pattern would hold every activation in one block beside the arena: half as much memory again, no faster.
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: {
      // Threads that wait by spinning take the processor from whoever works beside us, and a step gets slower for it.
      session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } },
      // ONNX Runtime 1.30 folds a Pad of zeros into a MaxPool, which pads with −∞: wrong where the input is negative.
      optimization: { disable_specified_optimizers: 'Pad_Fusion' },
    },
  };
}

/** State stays on the device, metrics come back. */
const statePlaces = ({ outputs }: LoweredProgram): Places =>
  Object.fromEntries(outputs.map(({ key, name }) => [name, key.startsWith(STATE) ? ON_DEVICE : 'cpu']));

/** Lowers each program to one ONNX graph and runs it in a session of its own. */
export class OnnxExecutor implements Executor {
  readonly name: string;
  readonly #ort: typeof Ort;
  readonly #options: OnnxExecutorOptions;
  readonly #programs = new Set<CompiledProgram>();

  constructor(ort: typeof Ort, name: string, options: OnnxExecutorOptions) {
    this.#ort = ort;
    this.name = name;
    this.#options = options;
  }

  async compile(program: Program): Promise<CompiledProgram> {
    const { provider, lowering, keepsState = false } = this.#options;
    const lowered = lower(trace(program), lowering);
    const device = typeof provider === 'string' ? provider : provider.name;
    const options = sessionOptions(this.#options);
    const open = (
      model: Uint8Array,
      places: Places,
      graphOptimizationLevel: Level = 'all',
    ): Promise<Ort.InferenceSession> =>
      this.#ort.InferenceSession.create(model, {
        ...options,
        graphOptimizationLevel,
        ...(keepsState && { preferredOutputLocation: places }),
      }).catch((error: unknown) => {
        throw explained(error, device);
      });
    // In blocks a training step is what it should be: ONNX Runtime's passes over it take longer than all else that
    // opens it, and make it no faster (docs/performance.md).
    const trains = lowered.outputs.some(({ key }) => key.startsWith(STATE));
    const level = trains && lowering.block !== undefined ? 'disabled' : 'all';
    const prologue = lowered.prologue && (await open(lowered.prologue.model, ON_DEVICE));
    const carried = await prologue?.run(this.#zeros(lowered)).catch((error: unknown) => {
      throw explained(error, device);
    });
    const shapes = Object.fromEntries(Object.entries(carried ?? {}).map(([name, { dims }]) => [name, dims]));
    for (const tensor of Object.values(carried ?? {})) tensor.dispose();
    const sessions = {
      prologue,
      step: await open(encodeModel(lowered.model(shapes)), statePlaces(lowered), level),
      device: keepsState ? await DeviceState.open(program.signature.state, open) : null,
    };
    const compiled = new OnnxProgram(this.#ort, sessions, program, lowered, device);
    this.#programs.add(compiled);
    return compiled;
  }

  /** To learn the shapes of what a prologue makes. */
  #zeros({ prologue }: LoweredProgram): Record<string, Ort.Tensor> {
    const ports = prologue?.inputs ?? [];
    return Object.fromEntries(
      ports.map(({ name, shape }) => {
        const { data } = zeros({ shape: shape ?? [], dtype: 'float32' });
        return [name, new this.#ort.Tensor('float32', data as Float32Array, [...(shape ?? [])])];
      }),
    );
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs) await program.dispose();
    this.#programs.clear();
  }
}
