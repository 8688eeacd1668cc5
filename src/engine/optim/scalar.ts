import type { HostTensor, TensorSpec } from '../nn/types.ts';

/** A hyper-parameter on its way into a step. */
export const scalar = (value: number): HostTensor => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) });

export const scalarSpec: TensorSpec = { shape: [], dtype: 'float32' };
