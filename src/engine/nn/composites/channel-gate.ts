import type { tf as TF } from '../../tf.ts';
import { tf } from '../../tf.ts';
import { callComposite, defineComposite } from '../../compile/composite.ts';
import { BLOCKED } from '../../compile/lower/blocked/blocks.ts';
import { BlockedGroups, normalisesInBlocks } from '../../compile/lower/blocked/group-norm.ts';
import { NCHW } from '../../compile/lower/layout.ts';
import { need, result } from '../../compile/lower/rule.ts';

const NAME = 'ChannelGate';
const DOT = 'ChannelDot';

type Image = readonly [n: number, h: number, w: number, c: number];
const imageOf = (x: { readonly shape: readonly number[] }): Image => x.shape as unknown as Image;

defineComposite({
  name: NAME,
  infer: ({ x }) => [{ shape: x?.shape ?? [], dtype: 'float32' }],
  compose: (inputs) => {
    const { x, gate } = inputs as { x: TF.Tensor4D; gate: TF.Tensor2D };
    return [tf.mul(x, tf.reshape(gate, [x.shape[0], 1, 1, x.shape[3]]))];
  },
  gradient: {
    inputs: ['x', 'gate'],
    backward: ([dy], [x, gate]) => {
      const kept = { dy, x, gate } as Record<'dy' | 'x' | 'gate', TF.Tensor>;
      return {
        x: callComposite(NAME, { x: kept.dy, gate: kept.gate })[0] as TF.Tensor,
        gate: callComposite(DOT, { dy: kept.dy, x: kept.x })[0] as TF.Tensor,
      };
    },
  },
  lower(lowering, node, inputs) {
    const [x, gate] = [need(inputs, 'x'), need(inputs, 'gate')];
    const [n, , , c] = imageOf(x);
    const g = lowering.graph;
    if (normalisesInBlocks(lowering, x)) {
      // Every channel of every image is a channel of one image: then this is a depthwise convolution of one pixel.
      const blocks = new BlockedGroups(lowering, x, 1);
      const factor = g.reshape(lowering.get(gate), [n, 1, c]);
      return blocks.place(result(node), blocks.affine(blocks.image(x), factor));
    }
    const gated = g.emit('Mul', [lowering.get(x, NCHW), g.reshape(lowering.get(gate), [n, c, 1, 1])]);
    lowering.set(result(node), gated, NCHW);
  },
});

defineComposite({
  name: DOT,
  infer: ({ x }) => {
    const [n = 1, , , c = 1] = x?.shape ?? [];
    return [{ shape: [n, c], dtype: 'float32' }];
  },
  compose: ({ dy, x }) => [tf.sum(tf.mul(dy as TF.Tensor, x as TF.Tensor), [1, 2])],
  lower(lowering, node, inputs) {
    const [dy, x] = [need(inputs, 'dy'), need(inputs, 'x')];
    const [n, , , c] = imageOf(x);
    const g = lowering.graph;
    if (normalisesInBlocks(lowering, x) && lowering.isHeld(dy, BLOCKED)) {
      const blocks = new BlockedGroups(lowering, x, 1);
      const sums = blocks.dot(blocks.image(dy), blocks.image(x));
      return lowering.set(result(node), g.reshape(sums, [n, c]));
    }
    const product = g.emit('Mul', [lowering.get(dy, NCHW), lowering.get(x, NCHW)]);
    lowering.set(result(node), g.emit('ReduceSum', [product, g.ints([2, 3])], { keepdims: 0 }));
  },
});

/**
 * Every channel of every image times a number of its own (the scaling of Hu et al. 2018, equation 4).
 * @param x [n, h, w, c] @param gate [n, c]
 */
export function channelGate(x: TF.Tensor4D, gate: TF.Tensor2D): TF.Tensor4D {
  return callComposite(NAME, { x, gate })[0] as TF.Tensor4D;
}
