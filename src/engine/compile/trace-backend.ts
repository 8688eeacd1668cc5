import { tf } from '../tf.ts';
import type { DType, TensorSpec } from '../nn/types.ts';
import { sizeOf, Value } from './ir.ts';
import type { Attributes, Graph, Node, Values } from './ir.ts';
import { shapeRules } from './shapes/rules.ts';
import type { SpecMap } from './shapes/types.ts';
import { TraceError } from './trace-error.ts';

export const TRACE_BACKEND = 'trace';
type Handle = { dataId: object; shape: number[]; dtype: DType };
type Result = TensorSpec | readonly TensorSpec[];

const RANDOM_OP = /\b(random(Normal|Uniform|UniformInt|StandardNormal|Gamma)|truncatedNormal|dropout|rand)_? /;

/** The value of every element, when they are all the same. */
function splatOf(values: ArrayLike<number | boolean>): number | undefined {
  const first = values[0];
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return undefined;
  return values.length ? Number(first) : undefined;
}

/** Records the kernels of one program while it runs on the trace backend. */
export class Recorder {
  readonly nodes: Node[] = [];
  readonly inputs = new Map<string, Value>();
  #ids = 0;
  #owned = new WeakSet<Value>();
  #captured = new Map<object, Value>();
  #seen = new Map<string, Node>();

  #own(value: Value): Value {
    this.#owned.add(value);
    return value;
  }

  constant(
    values: ArrayLike<number | boolean> | undefined,
    shape: readonly number[],
    dtype: DType,
    splat?: number,
  ): Value {
    const same = splat ?? (values ? splatOf(values) : undefined);
    const content: { values?: Values; splat?: number } = {};
    if (same !== undefined) content.splat = same;
    else if (values) content.values = copyAs(values, dtype);
    return this.#own(new Value('constant', this.#ids++, shape, dtype, content));
  }

  input(name: string, { shape, dtype }: TensorSpec): Value {
    const value = this.#own(new Value('input', this.#ids++, shape, dtype, { name }));
    this.inputs.set(name, value);
    return value;
  }

  /** The value behind a tensor; an eager tensor of a closure becomes a constant. */
  resolve(tensor: { dataId: object; shape: readonly number[]; dtype: string }): Value {
    const id = tensor.dataId;
    if (id instanceof Value) {
      if (!this.#owned.has(id))
        throw new TraceError(
          `a tensor of an earlier trace is used (shape [${id.shape.join()}]): it leaked through a closure or tf.keep`,
        );
      if (id.references <= 0)
        throw new TraceError(`a disposed tensor is used (shape [${id.shape.join()}]): eager mode would fail here too`);
      return id;
    }
    const known = this.#captured.get(id);
    if (known) return known;
    const values = tf.engine().readSync(id) as ArrayLike<number>;
    const value = this.constant(values, tensor.shape, tensor.dtype as DType);
    this.#captured.set(id, value);
    return value;
  }

  /** Appends a kernel, or finds the same kernel called before on the same values. */
  record(
    kernel: string,
    inputs: readonly (readonly [string, Value])[],
    attributes: Attributes,
    results: readonly TensorSpec[],
  ): Node {
    const key = `${kernel}|${inputs.map(([name, value]) => `${name}:${value.id}`).join()}|${JSON.stringify(attributes)}`;
    const same = this.#seen.get(key);
    if (same) {
      for (const output of same.outputs) output.references++;
      return same;
    }
    const outputs = results.map(({ shape, dtype }) => this.#own(new Value('node', this.#ids++, shape, dtype)));
    const node: Node = { kernel, inputs, attributes: { ...attributes }, outputs };
    for (const output of outputs) output.node = node;
    this.nodes.push(node);
    this.#seen.set(key, node);
    return node;
  }

  graph(name: string, outputs: ReadonlyMap<string, Value>): Graph {
    return { name, inputs: this.inputs, nodes: this.nodes, outputs };
  }
}

function copyAs(values: ArrayLike<number | boolean>, dtype: DType): Values {
  if (dtype === 'float32') return Float32Array.from(values as ArrayLike<number>);
  if (dtype === 'int32') return Int32Array.from(values as ArrayLike<number>);
  return Uint8Array.from(values as ArrayLike<number>);
}

let current: Recorder | undefined;

/** Runs `body` with `recorder` receiving every kernel of the trace backend. */
export function recording<T>(recorder: Recorder, body: () => T): T {
  if (current) throw new TraceError('a trace was started inside a trace');
  current = recorder;
  try {
    return body();
  } finally {
    current = undefined;
  }
}

function recorder(): Recorder {
  if (!current) throw new TraceError('the trace backend is used outside trace()');
  return current;
}

class TraceBackend extends tf.KernelBackend {
  override write(values: tf.backend_util.BackendValues | null, shape: number[], dtype: tf.DataType): object {
    if (values && values.length > 1 && RANDOM_OP.test(new Error().stack ?? ''))
      throw new TraceError(
        'a tf.random* op is called inside a program: it would be drawn once and frozen; take random numbers as inputs',
      );
    return recorder().constant((values as Values | null) ?? undefined, shape, dtype as DType, values ? undefined : 0);
  }
  override move(): void {
    throw new TraceError('an eager tensor cannot move to the trace backend');
  }
  override incRef(id: object): void {
    if (id instanceof Value) id.references++;
  }
  decRef(id: object): void {
    if (id instanceof Value) id.references--;
  }
  override refCount(id: object): number {
    return id instanceof Value ? id.references : 0;
  }
  override disposeData(id: object, force = false): boolean {
    if (!(id instanceof Value)) return false;
    id.references--;
    return force || id.references <= 0;
  }
  override readSync(id: object): Values {
    if (!(id instanceof Value)) throw new TraceError('a tensor unknown to the trace was read');
    if (id.kind === 'constant')
      return id.values ?? copyAs(new Float32Array(sizeOf(id.shape)).fill(id.splat ?? 0), id.dtype);
    const what = id.node ? `result of ${id.node.kernel}` : `input ${id.name}`;
    throw new TraceError(
      `a value is read inside a program (${what}, shape [${id.shape.join()}]): values do not exist while tracing`,
    );
  }
  override read(id: object): Promise<Values> {
    return Promise.resolve(this.readSync(id));
  }
  override numDataIds(): number {
    return 0;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }
  override epsilon(): number {
    return 1e-7;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override dispose(): void {}
}

/** Bytes are whole numbers to TF.js. */
const handle = (value: Value): Handle => ({
  dataId: value,
  shape: [...value.shape],
  dtype: value.dtype === 'uint8' ? 'int32' : value.dtype,
});

type KernelCall = { inputs: Record<string, tf.TensorInfo | undefined>; attrs?: Attributes };

/** Makes `kernel` traceable: called on the trace backend it is recorded with the shapes that `rule` gives. */
export function registerTraced(kernel: string, rule: (inputs: SpecMap, attributes: Attributes) => Result): void {
  tf.registerKernel({
    kernelName: kernel,
    backendName: TRACE_BACKEND,
    kernelFunc: ({ inputs, attrs }: KernelCall) => {
      const target = recorder();
      const present = Object.entries(inputs).filter(
        (entry): entry is [string, tf.TensorInfo] => entry[1] !== null && entry[1] !== undefined,
      );
      const values = present.map(([name, tensor]) => [name, target.resolve(tensor)] as const);
      const specs = Object.fromEntries(
        present.map(([name, { shape }], i) => [name, { shape, dtype: (values[i]?.[1] as Value).dtype }]),
      );
      const found = rule(specs, attrs ?? {});
      const results = (Array.isArray(found) ? found : [found]) as TensorSpec[];
      const outputs = target.record(kernel, values, attrs ?? {}, results).outputs.map(handle);
      return (Array.isArray(found) ? outputs : outputs[0]) as unknown as tf.TensorInfo;
    },
  } as unknown as tf.KernelConfig);
}

function registerKernel(kernel: string, call: (call: Required<KernelCall>) => Handle): void {
  tf.registerKernel({
    kernelName: kernel,
    backendName: TRACE_BACKEND,
    kernelFunc: ({ inputs, attrs }: KernelCall) => call({ inputs, attrs: attrs ?? {} }) as unknown as tf.TensorInfo,
  } as unknown as tf.KernelConfig);
}

/** The same data under a new handle, counted as TF.js counts references. */
function alias(tensor: tf.TensorInfo | undefined): Handle {
  if (!tensor) throw new TraceError('kernel input is missing');
  const value = recorder().resolve(tensor);
  value.references++;
  return handle(value);
}

const filled = (shape: readonly number[], dtype: DType, value: number): Handle =>
  handle(recorder().constant(undefined, shape, dtype, value));

tf.registerBackend(TRACE_BACKEND, () => new TraceBackend() as tf.KernelBackend, 0);
for (const [kernel, rule] of Object.entries(shapeRules)) {
  if (kernel === 'Cast') continue;
  registerTraced(kernel, rule);
}
registerKernel('TraceInput', ({ attrs }) => {
  const { name, shape, dtype } = attrs as { name: string; shape: number[]; dtype: DType };
  return handle(recorder().input(name, { shape, dtype }));
});
registerKernel('Identity', ({ inputs }) => alias(inputs['x']));
registerKernel('Cast', ({ inputs, attrs }) => {
  const x = inputs['x'] as tf.TensorInfo;
  const target = recorder();
  const value = target.resolve(x);
  const dtype = attrs['dtype'] as DType;
  if (value.dtype === dtype) return alias(x);
  const node = target.record('Cast', [['x', value]], { dtype }, [{ shape: x.shape, dtype }]);
  return handle(node.outputs[0] as Value);
});
registerKernel('Fill', ({ attrs }) =>
  filled(attrs['shape'] as number[], (attrs['dtype'] as DType | undefined) ?? 'float32', Number(attrs['value'])),
);
registerKernel('ZerosLike', ({ inputs }) =>
  filled((inputs['x'] as tf.TensorInfo).shape, (inputs['x'] as tf.TensorInfo).dtype as DType, 0),
);
registerKernel('OnesLike', ({ inputs }) =>
  filled((inputs['x'] as tf.TensorInfo).shape, (inputs['x'] as tf.TensorInfo).dtype as DType, 1),
);
