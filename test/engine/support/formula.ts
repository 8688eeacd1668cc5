import type { Backbone, ParamSpec } from '../../../src/engine/backbones/types.ts';
import type { HostTensor, HostTree } from '../../../src/engine/nn/types.ts';
import { fromTorch, torchShape } from '../../../src/engine/weights/layout.ts';

/** Value i in [-1, 1) of a sequence that any language can make: an integer hash of the index. */
function unitAt(i: number, seed: number): number {
  let x = (seed + Math.imul(i, 0x9e3779b9)) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return (x >>> 0) / 2 ** 31 - 1;
}

/** The first n values of the sequence, each through `transform`, as float32. */
export function unit(n: number, seed: number, transform: (u: number) => number = (u) => u): Float32Array<ArrayBuffer> {
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) values[i] = transform(unitAt(i, seed));
  return values;
}

/** The same as a tensor. */
export const unitTensor = (shape: readonly number[], seed: number): HostTensor => ({
  shape,
  dtype: 'float32',
  data: unit(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
});

/** 32-bit FNV-1a over UTF-8. */
export function nameHash(name: string): number {
  let hash = 2166136261;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return hash;
}

/** A tensor of the reference networks by its name and PyTorch shape, row-major. */
export function formulaTensor(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const size = shape.reduce((product, side) => product * side, 1);
  return unit(size, nameHash(name), transform(name, shape));
}

function transform(name: string, shape: readonly number[]): (u: number) => number {
  if (name.endsWith('running_var')) return (u) => 1 + 0.5 * u;
  if (name.endsWith('running_mean')) return (u) => 0.1 * u;
  if (shape.length >= 2) {
    const fanIn = shape.slice(1).reduce((product, side) => product * side, 1);
    const bound = 1.2 * Math.sqrt(3 / fanIn);
    return (u) => bound * u;
  }
  return name.endsWith('.bias') ? (u) => 0.1 * u : (u) => 1 + 0.2 * u;
}

/** Every parameter of a backbone by the formula, in the engine's layouts. */
export function formulaTree(backbone: Pick<Backbone, 'params'>): HostTree {
  const tensor = (spec: ParamSpec) => fromTorch(spec, formulaTensor(spec.name, torchShape(spec)));
  return Object.fromEntries(backbone.params.map((spec) => [spec.name, tensor(spec)]));
}

/** Images [batch, size, size, 3] by the formula, from [0,1] by `normalise`. */
export function formulaImages(
  batch: number,
  size: number,
  seed: number,
  normalise: (value: number) => number,
): Float32Array {
  return unit(batch * size * size * 3, seed, (u) => normalise((u + 1) / 2));
}
