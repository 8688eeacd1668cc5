import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../../src/contract/errors.ts';
import { explained } from '../../../../src/engine/runtime/failures.ts';

/** As ONNX Runtime, its providers and the drivers below word it. */
const said: readonly [message: string, provider: string, code: string | null][] = [
  ['[WebGPU] Device was lost: A valid external Instance reference no longer exists.', 'webgpu', 'gpu.lost'],
  ['D3D12: DXGI_ERROR_DEVICE_REMOVED (0x887A0005)', 'dml', 'gpu.lost'],
  ['CUDA failure 700: an illegal memory access was encountered ; GPU=0', 'cuda', 'gpu.lost'],
  ['CUDA error: CUDA_ERROR_LAUNCH_FAILED', 'cuda', 'gpu.lost'],
  ['CUDA failure 2: out of memory ; GPU=0', 'cuda', 'memory.out'],
  ['CUDA_ERROR_OUT_OF_MEMORY', 'cuda', 'memory.out'],
  ['Failed to allocate memory for requested buffer of size 1073741824', 'cpu', 'memory.out'],
  ['std::bad_alloc', 'cpu', 'memory.out'],
  ['Array buffer allocation failed', 'cpu', 'memory.out'],
  ['Device was lost', 'cpu', null],
  ['Got invalid dimensions for input', 'webgpu', null],
];

for (const [message, provider, code] of said) {
  test(`${message} on ${provider}: ${code ?? 'as it is'}`, () => {
    const error = new Error(message);
    const told = explained(error, provider);
    if (code === null) assert.equal(told, error);
    else assert.ok(told instanceof AppError && told.code === code && told.cause === error);
  });
}
