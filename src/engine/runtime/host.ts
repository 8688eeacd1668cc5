import { AppError } from '../../contract/errors.ts';
import type { HostTensor, HostTree, Program, StepInputs, TensorSpec, TreeSpec } from '../nn/types.ts';

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array } as const;

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export function zeros({ shape, dtype }: TensorSpec): HostTensor {
  return { shape, dtype, data: new arrays[dtype](elements(shape)) };
}

export const copyOf = ({ shape, dtype, data }: HostTensor): HostTensor => ({ shape, dtype, data: data.slice() });

function check(name: string, tensor: HostTensor | undefined, expected: TensorSpec): void {
  const fault = (reason: string) => new AppError('runtime.state', { reason: `${name} ${reason}` });
  if (!tensor) throw fault('is missing');
  if (tensor.dtype !== expected.dtype) throw fault(`is ${tensor.dtype}, not ${expected.dtype}`);
  if (tensor.shape.join() !== expected.shape.join() || tensor.data.length !== elements(expected.shape))
    throw fault(`has shape [${tensor.shape.join()}], not [${expected.shape.join()}]`);
}

/** Every name of the signature is there, with its shape and dtype. Names beyond it are a fault where `exact`. */
export function checkTree(group: string, tree: HostTree, signature: TreeSpec, exact = true): void {
  for (const [key, expected] of Object.entries(signature)) check(`${group}.${key}`, tree[key], expected);
  if (!exact) return;
  for (const key of Object.keys(tree))
    if (!(key in signature)) throw new AppError('runtime.state', { reason: `${group}.${key} is not in the program` });
}

/** State entries given are in the signature, and fit. */
export function checkState(state: HostTree, signature: TreeSpec): void {
  for (const [key, tensor] of Object.entries(state)) {
    const expected = signature[key];
    if (!expected) throw new AppError('runtime.state', { reason: `state.${key} is not in the program` });
    check(`state.${key}`, tensor, expected);
  }
}

export function checkInputs(program: Program, inputs: Omit<StepInputs<HostTree>, 'state'>): void {
  for (const group of ['batch', 'hyper', 'random'] as const) checkTree(group, inputs[group], program.signature[group]);
}
