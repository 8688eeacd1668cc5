import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ParamSpec } from '../../../../src/engine/backbones/types.ts';
import { fromTorch, torchShape } from '../../../../src/engine/weights/layout.ts';

const offset = (shape: readonly number[], index: readonly number[]): number =>
  shape.reduce((sum, side, axis) => sum * side + (index[axis] as number), 0);

function* indices(shape: readonly number[]): Generator<number[]> {
  const [side, ...rest] = shape;
  if (side === undefined) yield [];
  else for (let i = 0; i < side; i++) for (const tail of indices(rest)) yield [i, ...tail];
}

/** Where PyTorch keeps the value the engine has at an index. */
const cases: { spec: ParamSpec; torch: number[]; from: (index: number[]) => number[] }[] = [
  {
    spec: { name: 'conv', role: 'conv', shape: [2, 3, 4, 5] },
    torch: [5, 4, 2, 3],
    from: ([h, w, i, o]) => [o, i, h, w] as number[],
  },
  {
    spec: { name: 'depthwise', role: 'depthwise', shape: [2, 3, 4, 1] },
    torch: [4, 1, 2, 3],
    from: ([h, w, c, m]) => [c, m, h, w] as number[],
  },
  { spec: { name: 'dense', role: 'dense', shape: [3, 4] }, torch: [4, 3], from: ([i, o]) => [o, i] as number[] },
  { spec: { name: 'scale', role: 'scale', shape: [3] }, torch: [3], from: (index) => index },
];

describe('layouts', () => {
  for (const { spec, torch, from } of cases) {
    it(`brings a ${spec.role} from PyTorch's layout to ours`, () => {
      assert.deepEqual(torchShape(spec), torch);
      const size = torch.reduce((product, side) => product * side, 1);
      const { data, shape } = fromTorch(
        spec,
        Float32Array.from({ length: size }, (_, i) => i),
      );
      assert.deepEqual(shape, spec.shape);
      for (const index of indices(spec.shape)) {
        assert.equal(data[offset(spec.shape, index)], offset(torch, from(index)), `at ${index.join()}`);
      }
    });
  }
});
