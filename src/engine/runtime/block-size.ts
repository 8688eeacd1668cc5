import { encodeModel } from '../compile/onnx/encode.ts';
import { NCHWC } from '../compile/lower/builder.ts';
import type { Runtime } from './telemetry.ts';

const CHANNELS = 64;

/**
 * Channels per block of the CPU provider's convolutions: 16 with AVX-512, 8 with AVX2, undefined where it has none.
 * Found by reordering an image whose elements are numbered: the second place of channel 0 ends up one block further.
 */
export async function blockSize(ort: Runtime): Promise<number | undefined> {
  const shape = [1, CHANNELS, 1, 2];
  const port = (name: string) => ({ name, type: 'float32' as const, shape });
  const model = encodeModel({
    name: 'block size',
    opset: 18,
    domains: [NCHWC],
    nodes: [{ op: 'ReorderInput', inputs: ['x'], outputs: ['y'], attributes: { channels_last: 0 }, domain: NCHWC }],
    constants: [],
    inputs: [port('x')],
    outputs: [port('y')],
  });
  try {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    const x = new ort.Tensor(
      'float32',
      Float32Array.from({ length: 2 * CHANNELS }, (_, i) => i),
      shape,
    );
    const block = (await session.run({ x }))['y']?.data.indexOf(1 as never) ?? -1;
    await session.release();
    return block === 8 || block === 16 ? block : undefined;
  } catch {
    return undefined;
  }
}
