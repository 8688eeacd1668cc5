import type { HostTensor, HostTree, Tree } from '../../../src/engine/nn/types.ts';
import { tf } from '../../../src/engine/tf.ts';

/** The JavaScript backend, which every parity is measured against. */
export async function useEager(): Promise<void> {
  await tf.setBackend('cpu');
}

export const toTensor = ({ shape, dtype, data }: HostTensor): tf.Tensor =>
  tf.tensor(data, [...shape], dtype === 'uint8' ? 'int32' : dtype);

export const toTensors = (tree: HostTree): Tree =>
  Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [name, toTensor(tensor)]));

/** ‖a − b‖ / ‖b‖ over all values. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values against ${expected.length}`);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += ((actual[i] as number) - (expected[i] as number)) ** 2;
    norm += (expected[i] as number) ** 2;
  }
  return Math.sqrt(difference / norm);
}
