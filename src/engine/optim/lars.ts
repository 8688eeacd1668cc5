import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import type { Tree } from '../nn/types.ts';
import { scalarInputs } from './scalar.ts';
import type { Optimizer } from './types.ts';

const inputs = scalarInputs('lars', ['momentum', 'rate', 'decay', 'move']);
const slotName = (name: string): string => `slots.lars.momentum.${name}`;

const norm = (x: Tree[string]): Tree[string] => tf.sqrt(tf.sum(tf.square(x)));

/**
 * Layer-wise adaptive rates (You et al. 2017, algorithm 1): u ← μu + γ·λ·(g + βθ), θ ← θ − u, with
 * λ = η‖θ‖ / (‖g‖ + β‖θ‖) for each tensor, 1 where either norm is 0. Biases and the affines of normalisation have λ = 1
 * and no weight decay, as BYOL trains them (Grill et al. 2020, section 3.3).
 */
export function lars({ momentum = 0.9, trust = 1e-3 } = {}): Optimizer {
  return {
    name: 'lars',
    slots(params) {
      return Object.fromEntries(Object.entries(params).map(([name, spec]) => [slotName(name), spec]));
    },
    hyperSpec: inputs.spec,
    hyper(group, { rate, weightDecay, step }) {
      const held = step === 0;
      const values = { momentum: held ? 1 : momentum, rate: held ? 0 : rate, decay: weightDecay, move: held ? 0 : 1 };
      return inputs.values(group, values);
    },
    update(params, gradients, slots, hyper, groupOf) {
      const updated: Tree = {};
      for (const [name, gradient] of Object.entries(gradients)) {
        const input = inputs.of(hyper, groupOf(name));
        const value = leaf(params, name);
        let pull = gradient;
        if (value.rank > 1) {
          const [size, slope] = [norm(value), norm(gradient)];
          const share = tf.div(tf.mul(size, trust), tf.maximum(tf.add(slope, tf.mul(size, input('decay'))), 1e-30));
          const ratio = tf.where(tf.greater(tf.mul(size, slope), 0), share, tf.onesLike(share));
          pull = tf.mul(tf.add(gradient, tf.mul(value, input('decay'))), ratio);
        }
        const velocity = tf.add(tf.mul(leaf(slots, slotName(name)), input('momentum')), tf.mul(pull, input('rate')));
        updated[name] = tf.sub(value, tf.mul(velocity, input('move')));
        updated[slotName(name)] = velocity;
      }
      return updated;
    },
  };
}
