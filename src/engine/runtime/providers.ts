import { existsSync } from 'node:fs';
import type { z } from 'zod';
import type { providerNameSchema } from '../../contract/machine.ts';
import { cudaMissing } from './cuda.ts';
import type { NATIVE } from './native-tensorflow.ts';

/** What can be tried: a provider of ONNX Runtime, or the native TF.js. */
export type Candidate = z.infer<typeof providerNameSchema>;
export type ProviderName = Exclude<Candidate, typeof NATIVE>;

export interface Provider {
  readonly name: ProviderName;
  /** Why this machine lacks it, in one sentence; null where it is worth probing. Whether it is built in is asked apart. */
  missing(): string | null;
  /** State can stay in the device's memory between steps: onnxruntime-node does that for WebGPU alone. */
  readonly keepsState?: true;
}

/** Linux shows a graphics device as a file; other systems are asked by trying. */
function webgpuMissing(): string | null {
  if (process.platform !== 'linux') return null;
  const devices = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'];
  return devices.some((path) => existsSync(path)) || process.env['VK_ICD_FILENAMES']
    ? null
    : 'This machine shows no graphics device.';
}

/** Every provider there is, the processor first. */
export const providers: readonly Provider[] = [
  { name: 'cpu', missing: () => null },
  { name: 'webgpu', missing: webgpuMissing, keepsState: true },
  { name: 'cuda', missing: cudaMissing },
  { name: 'dml', missing: () => null },
  { name: 'coreml', missing: () => null },
];

export const keepsState = (name: ProviderName): boolean =>
  providers.find((provider) => provider.name === name)?.keepsState ?? false;
