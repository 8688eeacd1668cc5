import type * as Ort from 'onnxruntime-node';
import { AppError } from '../../contract/errors.ts';
import { placeCuda } from './cuda.ts';

export type Runtime = typeof Ort;

/** ONNX Runtime ≥ 1.29 sends telemetry unless this is set before it is loaded. */
export const telemetryOff = (): boolean => process.env['ORT_DISABLE_TELEMETRY'] === '1';

/** Loads ONNX Runtime, only where its telemetry is off. */
export async function loadRuntime(): Promise<Runtime> {
  if (!telemetryOff()) throw new AppError('runtime.telemetry');
  placeCuda();
  return (await import('onnxruntime-node')).default as Runtime;
}
