import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import type { Generator } from '../../data/random.ts';
import { leaf } from '../../nn/tree.ts';
import type { HostTree, Tree, TreeSpec } from '../../nn/types.ts';

const SHARE = 'mix.share';
const PARTNER = 'mix.partner';

/** Random inputs of MixUp: one share for the batch, and who is mixed with whom. */
export const mixUpSpec = (batch: number): TreeSpec => ({
  [SHARE]: { shape: [], dtype: 'float32' },
  [PARTNER]: { shape: [batch], dtype: 'int32' },
});

/** Values for `mixUpSpec`: a share drawn from Beta(α, α), partners by a permutation. */
export function drawMixUp(alpha: number, batch: number, generator: Generator): HostTree {
  return {
    [SHARE]: { shape: [], dtype: 'float32', data: Float32Array.of(beta(alpha, generator)) },
    [PARTNER]: { shape: [batch], dtype: 'int32', data: generator.permutation(batch) },
  };
}

/** Beta(α, α) for α ≤ 1 (Jöhnk 1964): powers of two uniforms, drawn anew until they add up to 1 at most. */
function beta(alpha: number, generator: Generator): number {
  for (;;) {
    const [u, v] = generator.uniform(2) as unknown as [number, number];
    const [x, y] = [u ** (1 / alpha), v ** (1 / alpha)];
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}

/**
 * MixUp (Zhang et al. 2018, equation 1): what is seen, and the loss of what it is called, mixed by one share.
 * @param data one entry per image in each tensor, such as labels and weights
 */
export function mixUp(data: Tree, random: Tree) {
  const share = leaf(random, SHARE) as TF.Scalar;
  const partner = leaf(random, PARTNER) as TF.Tensor1D;
  const rest = tf.sub(1, share);
  const mixed = <T extends TF.Tensor>(own: T, others: T): T => tf.add(tf.mul(own, share), tf.mul(others, rest)) as T;
  const partners = Object.fromEntries(Object.entries(data).map(([name, tensor]) => [name, tf.gather(tensor, partner)]));
  return {
    /** @param seen [n, …] such as images */
    seen: <T extends TF.Tensor>(seen: T): T => mixed(seen, tf.gather(seen, partner)),
    lossOf: (loss: (data: Tree) => TF.Scalar): TF.Scalar => mixed(loss(data), loss(partners)),
  };
}
