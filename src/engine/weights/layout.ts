import type { ParamSpec } from '../backbones/types.ts';
import type { HostTensor } from '../nn/types.ts';

/** The shape PyTorch gives a parameter: convolutions OIHW, depthwise [c, 1, h, w], dense [out, in]. */
export function torchShape({ role, shape }: ParamSpec): number[] {
  const axes = torchAxes(role);
  return axes ? axes.map((axis) => shape[axis] as number) : [...shape];
}

/** Reorders values from PyTorch's layout to the engine's. @param data row-major in `torchShape(spec)` */
export function fromTorch(spec: ParamSpec, data: Float32Array): HostTensor {
  const axes = torchAxes(spec.role);
  if (!axes) return { shape: spec.shape, dtype: 'float32', data };
  const from = torchShape(spec);
  const rank = from.length;
  // Step in the engine's layout when an index of PyTorch's grows by one.
  const steps = axes.map((axis) => spec.shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const reordered = new Float32Array(data.length);
  const index = new Array<number>(rank).fill(0);
  let target = 0;
  for (const value of data) {
    reordered[target] = value;
    for (let axis = rank - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      target += steps[axis] as number;
      if ((index[axis] as number) < (from[axis] as number)) break;
      target -= (steps[axis] as number) * (index[axis] as number);
      index[axis] = 0;
    }
  }
  return { shape: spec.shape, dtype: 'float32', data: reordered };
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
