import { tf } from '../tf.ts';
import type { TensorSpec, Tree } from '../nn/types.ts';
import type { Attributes, Node, Value } from './ir.ts';
import type { SpecMap } from './shapes/types.ts';
import type { Lowering } from './lower/lowering.ts';
import { registerTraced } from './trace-backend.ts';

type Tensors = readonly tf.Tensor[];

/**
 * A kernel of our own: composed of TF.js ops on ordinary backends, one node of a traced program,
 * with a gradient and (where composed ops would lose) a lowering of its own.
 */
export interface Composite {
  readonly name: string;
  infer(inputs: SpecMap, attributes: Attributes): readonly TensorSpec[];
  compose(inputs: Tree, attributes: Attributes): Tensors;
  readonly gradient?: {
    /** Inputs, then outputs, that the gradient needs. */
    readonly inputs: readonly string[];
    readonly outputs?: readonly boolean[];
    /** Gradients by input name, from those of the outputs and the kept tensors. */
    backward(gradients: Tensors, kept: Tensors, attributes: Attributes): Tree;
  };
  /** Without it a trace holds the composed ops. */
  lower?(lowering: Lowering, node: Node, inputs: Readonly<Record<string, Value>>): void;
}

const composites = new Map<string, Composite>();
export const compositeOf = (kernel: string): Composite | undefined => composites.get(kernel);

/** TF.js backends that compute: the JavaScript one and the native one. */
const COMPUTING_BACKENDS = ['cpu', 'tensorflow'];

type KernelCall = { inputs: Tree; attrs?: Attributes };

/** Registers a composite on every backend. */
export function defineComposite(composite: Composite): void {
  const { name, gradient } = composite;
  composites.set(name, composite);
  const composed = ({ inputs, attrs }: KernelCall) => tf.tidy(() => [...composite.compose(inputs, attrs ?? {})]);
  for (const backendName of COMPUTING_BACKENDS)
    tf.registerKernel({ kernelName: name, backendName, kernelFunc: composed } as unknown as tf.KernelConfig);
  if (composite.lower) registerTraced(name, (inputs, attributes) => composite.infer(inputs, attributes));
  else
    tf.registerKernel({ kernelName: name, backendName: 'trace', kernelFunc: composed } as unknown as tf.KernelConfig);
  if (!gradient) return;
  tf.registerGradient({
    kernelName: name,
    inputsToSave: [...gradient.inputs],
    ...(gradient.outputs ? { outputsToSave: [...gradient.outputs] } : {}),
    // Everything is computed here, inside the tidy of the whole backward pass: a result computed inside one of the
    // returned closures would be disposed by that closure's own tidy before the next one uses it.
    gradFunc: (dy: tf.Tensor | tf.Tensor[], kept: tf.Tensor[], attributes: Attributes) => {
      const gradients = gradient.backward(Array.isArray(dy) ? dy : [dy], kept, attributes ?? {});
      return Object.fromEntries(Object.entries(gradients).map(([key, tensor]) => [key, () => tensor.clone()]));
    },
  } as unknown as tf.GradConfig);
}

/** Calls a composite. */
export function callComposite(name: string, inputs: Tree, attributes: Attributes = {}): tf.Tensor[] {
  const result = tf.engine().runKernel(name, inputs, attributes as Record<string, never>) as tf.Tensor | tf.Tensor[];
  return Array.isArray(result) ? result : [result];
}
