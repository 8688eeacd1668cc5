import type { Value } from '../../ir.ts';
import type { Lowering } from '../lowering.ts';
import { need, result } from '../rule.ts';
import type { LoweringRules } from '../rule.ts';

function transposed(lowering: Lowering, value: Value): string {
  const rank = value.shape.length;
  const perm = Array.from({ length: rank }, (_, i) => i);
  perm[rank - 1] = rank - 2;
  perm[rank - 2] = rank - 1;
  return lowering.graph.emit('Transpose', [lowering.get(value)], { perm });
}

export const matmulRules: LoweringRules = {
  BatchMatMul: (lowering, node, inputs) => {
    const a = need(inputs, 'a');
    const b = need(inputs, 'b');
    const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
    const plain = a.shape.length === 2 && b.shape.length === 2;
    const name =
      plain && (transposeA || transposeB)
        ? lowering.graph.emit('Gemm', [lowering.get(a), lowering.get(b)], {
            transA: transposeA ? 1 : 0,
            transB: transposeB ? 1 : 0,
          })
        : lowering.graph.emit('MatMul', [
            transposeA ? transposed(lowering, a) : lowering.get(a),
            transposeB ? transposed(lowering, b) : lowering.get(b),
          ]);
    lowering.set(result(node), name);
  },
};
