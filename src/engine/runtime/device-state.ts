import type * as Ort from 'onnxruntime-node';
import { GraphBuilder } from '../compile/lower/builder.ts';
import { encodeModel } from '../compile/onnx/encode.ts';
import type { OnnxPort } from '../compile/onnx/encode.ts';
import type { TreeSpec } from '../nn/types.ts';

/** Where ONNX Runtime says that a tensor of the device is. */
export const ON_DEVICE = 'gpu-buffer';

type Open = (model: Uint8Array, place: Ort.Tensor.DataLocation) => Promise<Ort.InferenceSession>;

const given = (key: string): string => `in.${key}`;
const copied = (key: string): string => `out.${key}`;

/** A graph that copies each entry of the state. */
function copies(state: TreeSpec): Uint8Array {
  const graph = new GraphBuilder();
  const ports = Object.entries(state).map(([key, { shape, dtype }]) => ({ key, shape, type: dtype }));
  const inputs = ports.map(({ key, shape, type }): OnnxPort => ({ name: given(key), shape, type }));
  const outputs = ports.map(({ key, shape, type }) => ({ name: graph.output(given(key), copied(key)), shape, type }));
  return encodeModel(graph.model('copies', inputs, outputs));
}

/**
 * Brings the state to the memory of a provider's device and back. Steps take it from there and leave it there.
 * Both ways are graphs of copies: onnxruntime-node can keep outputs on the device, and take them as inputs, but has no
 * call that moves a tensor (js/node/src/tensor_helper.cc of 1.30: `download` is not implemented).
 */
export class DeviceState {
  readonly #toDevice: Ort.InferenceSession;
  readonly #toHost: Ort.InferenceSession;

  private constructor(toDevice: Ort.InferenceSession, toHost: Ort.InferenceSession) {
    this.#toDevice = toDevice;
    this.#toHost = toHost;
  }

  /** @param open makes a session on the provider, with its outputs in that place */
  static async open(state: TreeSpec, open: Open): Promise<DeviceState> {
    const model = copies(state);
    return new DeviceState(await open(model, ON_DEVICE), await open(model, 'cpu'));
  }

  /** Afterwards every tensor is on the device. Nothing happens where they are there already. */
  async upload(state: Map<string, Ort.Tensor>): Promise<void> {
    if ([...state.values()].every(({ location }) => location === ON_DEVICE)) return;
    const there = await copy(this.#toDevice, state);
    for (const [key, tensor] of there) {
      state.get(key)?.dispose();
      state.set(key, tensor);
    }
  }

  /** The same tensors on the host. */
  download(state: ReadonlyMap<string, Ort.Tensor>): Promise<Map<string, Ort.Tensor>> {
    return copy(this.#toHost, state);
  }

  async release(): Promise<void> {
    await this.#toDevice.release();
    await this.#toHost.release();
  }
}

async function copy(
  session: Ort.InferenceSession,
  state: ReadonlyMap<string, Ort.Tensor>,
): Promise<Map<string, Ort.Tensor>> {
  const results = await session.run(Object.fromEntries([...state].map(([key, tensor]) => [given(key), tensor])));
  return new Map([...state.keys()].map((key) => [key, results[copied(key)] as Ort.Tensor]));
}
