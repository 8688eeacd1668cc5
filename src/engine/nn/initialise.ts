import type { Generator } from '../data/random.ts';
import type { HostTensor, HostTree } from './types.ts';

const tensor = (shape: readonly number[], data: Float32Array): HostTensor => ({ shape, dtype: 'float32', data });
const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

export const constantTensor = (shape: readonly number[], value: number): HostTensor =>
  tensor(shape, new Float32Array(size(shape)).fill(value));

/** Normal with the given standard deviation. */
export const normalTensor = (shape: readonly number[], deviation: number, random: Generator): HostTensor =>
  tensor(
    shape,
    random.normal(size(shape)).map((value) => value * deviation),
  );

/** Uniform in ± bound. */
export const uniformTensor = (shape: readonly number[], bound: number, random: Generator): HostTensor =>
  tensor(
    shape,
    random.uniform(size(shape)).map((value) => (2 * value - 1) * bound),
  );

/**
 * A dense layer as PyTorch's `nn.Linear` starts it: weight and bias uniform in ± 1/√inputs.
 * @returns `weight` [inputs, outputs], `bias` [outputs]
 */
export function initialDense(inputs: number, outputs: number, random: Generator): HostTree {
  const bound = 1 / Math.sqrt(inputs);
  return { weight: uniformTensor([inputs, outputs], bound, random), bias: uniformTensor([outputs], bound, random) };
}

/** A normalisation at its start: scale 1, shift 0. @returns `weight` and `bias`, both [channels] */
export const initialAffine = (channels: number): HostTree => ({
  weight: constantTensor([channels], 1),
  bias: constantTensor([channels], 0),
});
