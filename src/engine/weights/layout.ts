import type { ParamSpec } from '../backbones/types.ts';
import type { HostTensor } from '../nn/types.ts';
import { rowMajor } from './formats/source.ts';
import { gather } from './formats/strided.ts';

/** The shape PyTorch gives a parameter: convolutions OIHW, depthwise [c, 1, h, w], dense [out, in]. */
export function torchShape({ role, shape }: ParamSpec): number[] {
  const axes = torchAxes(role);
  return axes ? axes.map((axis) => shape[axis] as number) : [...shape];
}

/** Reorders values from PyTorch's layout to the engine's. @param data row-major in `torchShape(spec)` */
export function fromTorch(spec: ParamSpec, data: Float32Array<ArrayBuffer>): HostTensor {
  const axes = torchAxes(spec.role);
  if (!axes) return { shape: spec.shape, dtype: 'float32', data };
  const steps = rowMajor(torchShape(spec));
  const strides = spec.shape.map((_, axis) => steps[axes.indexOf(axis)]!);
  return { shape: spec.shape, dtype: 'float32', data: gather(data, spec.shape, strides) };
}

/** Reorders values from the engine's layout, which is TensorFlow's, to PyTorch's. @param data row-major in `spec.shape` */
export function toTorch(spec: ParamSpec, data: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const axes = torchAxes(spec.role);
  if (!axes) return data;
  const steps = rowMajor(spec.shape);
  return gather(
    data,
    torchShape(spec),
    axes.map((axis) => steps[axis]!),
  );
}

/** For each axis of PyTorch's layout the engine's axis it comes from; undefined where both agree. */
function torchAxes(role: ParamSpec['role']): readonly number[] | undefined {
  switch (role) {
    case 'conv':
    case 'patch':
      return [3, 2, 0, 1];
    case 'depthwise':
      return [2, 3, 0, 1];
    case 'dense':
      return [1, 0];
    default:
      return undefined;
  }
}
