import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import type { providerNameSchema } from '../../contract/machine.ts';
import type { NATIVE } from './native-tensorflow.ts';

/** What can be tried: a provider of ONNX Runtime, or the native TF.js. */
export type Candidate = z.infer<typeof providerNameSchema>;
export type ProviderName = Exclude<Candidate, typeof NATIVE>;

export interface Provider {
  readonly name: ProviderName;
  /** Why it cannot be there at all, in one sentence; null where it is worth probing. */
  missing(): string | null;
  /** State can stay in the device's memory between steps: onnxruntime-node does that for WebGPU alone. */
  readonly keepsState?: true;
}

/** Folder with the libraries of CUDA and of ONNX Runtime's CUDA provider, named by the user. */
export const CUDA_FOLDER = 'ACCLIMATE_CUDA_FOLDER';

function runtimeFolder(): string {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')));
  return join(root, 'bin', 'napi-v6', process.platform, process.arch);
}

const only = (platform: NodeJS.Platform, where: string) => () =>
  process.platform === platform ? null : `It exists on ${where} only.`;

function cudaMissing(): string | null {
  if (process.platform === 'darwin') return 'It exists on Linux and Windows only.';
  const file = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  const folder = process.env[CUDA_FOLDER];
  if ([runtimeFolder(), ...(folder ? [folder] : [])].some((place) => existsSync(join(place, file)))) return null;
  return `Its library ${file} is not installed; name the folder that holds it in ${CUDA_FOLDER}.`;
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
  { name: 'dml', missing: only('win32', 'Windows') },
  { name: 'coreml', missing: only('darwin', 'macOS') },
];

export const keepsState = (name: ProviderName): boolean =>
  providers.find((provider) => provider.name === name)?.keepsState ?? false;
