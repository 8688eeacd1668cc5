import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import type { Tree } from '../nn/types.ts';

/**
 * Exponential moving average of parameters: target + (1 − τ)(online − target), so that equal stays exactly equal.
 * @param names pairs of the target's entry and the online entry it follows
 * @param share 1 − τ, scalar
 */
export function moveTowards(
  target: Tree,
  online: Tree,
  names: readonly (readonly [target: string, online: string])[],
  share: Tree[string],
): Tree {
  return Object.fromEntries(
    names.map(([to, from]) => {
      const old = leaf(target, to);
      return [to, tf.add(old, tf.mul(tf.sub(leaf(online, from), old), share))];
    }),
  );
}
