import type { Attributes } from '../../ir.ts';
import { NCHW } from '../layout.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';

interface Resize {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

function coordinates(attributes: Attributes): string {
  const { alignCorners, halfPixelCenters } = attributes as unknown as Resize;
  if (alignCorners) return 'align_corners';
  return halfPixelCenters ? 'half_pixel' : 'asymmetric';
}

const resize =
  (mode: Readonly<Record<string, string>>): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'images');
    const [n, , , c] = x.shape as [number, number, number, number];
    const size = node.attributes['size'] as [number, number];
    const y = lowering.graph.emit('Resize', [lowering.get(x, NCHW), '', '', lowering.graph.ints([n, c, ...size])], {
      ...mode,
      coordinate_transformation_mode: coordinates(node.attributes),
    });
    lowering.set(result(node), y, NCHW);
  };

/** Bilinear weights of `from` places for each of `to` results, row by row. */
function bilinearMatrix(from: number, to: number, alignCorners: boolean): Float32Array {
  const matrix = new Float32Array(to * from);
  const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  for (let i = 0; i < to; i++) {
    const at = Math.min(i * scale, from - 1);
    const low = Math.floor(at);
    const high = Math.min(low + 1, from - 1);
    matrix[i * from + low] = (matrix[i * from + low] as number) + 1 - (at - low);
    matrix[i * from + high] = (matrix[i * from + high] as number) + at - low;
  }
  return matrix;
}

/** The transpose of the resize, as two products. */
const resizeGradient: LoweringRule = (lowering, node, inputs) => {
  const { alignCorners, halfPixelCenters } = node.attributes as unknown as Resize;
  if (halfPixelCenters)
    throw new Error('the gradient of a half-pixel resize has no lowering: TF.js itself computes it wrongly');
  const g = lowering.graph;
  const [, height, width] = need(inputs, 'images').shape as [number, number, number];
  const dy = need(inputs, 'dy');
  const [, rows, columns] = dy.shape as [number, number, number];
  const down = g.emit(
    'Transpose',
    [g.constant([rows, height], bilinearMatrix(height, rows, alignCorners), 'float32')],
    { perm: [1, 0] },
  );
  const across = g.constant([columns, width], bilinearMatrix(width, columns, alignCorners), 'float32');
  lowering.set(result(node), g.emit('MatMul', [g.emit('MatMul', [down, lowering.get(dy, NCHW)]), across]), NCHW);
};

export const imageRules: LoweringRules = {
  ResizeBilinear: resize({ mode: 'linear' }),
  ResizeNearestNeighbor: resize({ mode: 'nearest', nearest_mode: 'floor' }),
  ResizeBilinearGrad: resizeGradient,
};
