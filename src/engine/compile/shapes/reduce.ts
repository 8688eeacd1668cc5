import { tf } from '../../tf.ts';
import type { DType } from '../../nn/types.ts';
import { each, float, input, spec } from './types.ts';
import type { ShapeRule, ShapeRules } from './types.ts';

/** Axes of a reduction, whichever attribute the kernel keeps them in, as non-negative numbers. */
export function reductionAxes(attributes: Readonly<Record<string, unknown>>, shape: readonly number[]): number[] {
  const axes = (attributes['axis'] ?? attributes['reductionIndices']) as number | number[];
  return tf.util.parseAxisParam(axes, [...shape]);
}

const reduce =
  (dtype?: DType): ShapeRule =>
  (inputs, attributes) => {
    const x = input(inputs, 'x');
    const axes = reductionAxes(attributes, x.shape);
    const keep = attributes['keepDims'] === true;
    const shape = keep
      ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
      : x.shape.filter((_, i) => !axes.includes(i));
    return spec(shape, dtype ?? x.dtype);
  };

export const reduceShapes: ShapeRules = {
  ...each(['Max', 'Min', 'Prod'], reduce()),
  Sum: (inputs, attributes) => reduce(input(inputs, 'x').dtype === 'bool' ? 'int32' : undefined)(inputs, attributes),
  Mean: reduce('float32'),
  ...each(['All', 'Any'], reduce('bool')),
  ...each(['ArgMax', 'ArgMin'], reduce('int32')),
  BatchMatMul: (inputs, attributes) => {
    const a = input(inputs, 'a');
    const b = input(inputs, 'b');
    const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const rows = a.shape.at(attributes['transposeA'] ? -1 : -2) as number;
    const columns = b.shape.at(attributes['transposeB'] ? -2 : -1) as number;
    return spec([...batch, rows, columns], a.dtype);
  },
  TopK: (inputs, attributes) => {
    const x = input(inputs, 'x');
    const shape = [...x.shape.slice(0, -1), attributes['k'] as number];
    return [spec(shape, x.dtype), spec(shape, 'int32')];
  },
  FusedBatchNorm: (inputs) => float(input(inputs, 'x').shape),
};
