import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import type { Tree } from '../nn/types.ts';

export interface Evaluated {
  readonly loss: TF.Scalar;
  /** What else the function tells: it is not differentiated. */
  readonly extra: Tree;
}

/**
 * Value and gradient of a scalar function of named tensors, without variables.
 * @throws when a parameter does not reach the loss: it would silently never train.
 */
export function valueAndGradients(
  params: Tree,
  evaluate: (params: Tree) => Evaluated,
): Evaluated & { readonly gradients: Tree } {
  const names = Object.keys(params);
  const kept: Tree = {};
  const { value, grads } = tf.valueAndGrads((...values: TF.Tensor[]) => {
    const { loss, extra } = evaluate(Object.fromEntries(names.map((name, i) => [name, values[i] as TF.Tensor])));
    // What is made inside is disposed of with the tape; these outlive it.
    for (const [name, tensor] of Object.entries(extra)) kept[name] = tf.keep(tf.clone(tensor));
    return loss;
  })(names.map((name) => params[name] as TF.Tensor));
  const extra: Tree = {};
  for (const [name, tensor] of Object.entries(kept)) {
    extra[name] = tf.clone(tensor);
    tensor.dispose();
  }
  const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i] as TF.Tensor]));
  return { loss: value as TF.Scalar, extra, gradients };
}
