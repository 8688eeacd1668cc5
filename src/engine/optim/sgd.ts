import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import type { Tree } from '../nn/types.ts';
import { scalarInputs } from './scalar.ts';
import type { Optimizer } from './types.ts';

const inputs = scalarInputs('sgd', ['momentum', 'gain', 'rate', 'decay']);
const slotName = (name: string): string => `slots.sgd.momentum.${name}`;

/**
 * Stochastic gradient descent with momentum (as torch.optim.SGD, dampening 0, weight decay added to the gradient):
 * u ← μu + g + λθ, θ ← θ − ηu.
 */
export function sgd({ momentum = 0.9 }: { readonly momentum?: number } = {}): Optimizer {
  return {
    name: 'sgd',
    slots(params) {
      return Object.fromEntries(Object.entries(params).map(([name, spec]) => [slotName(name), spec]));
    },
    hyperSpec: inputs.spec,
    hyper(group, { rate, weightDecay, step }) {
      const held = step === 0;
      const values = {
        momentum: held ? 1 : momentum,
        gain: held ? 0 : 1,
        rate: held ? 0 : rate,
        decay: held ? 0 : weightDecay,
      };
      return inputs.values(group, values);
    },
    update(params, gradients, slots, hyper, groupOf) {
      const updated: Tree = {};
      for (const [name, gradient] of Object.entries(gradients)) {
        const input = inputs.of(hyper, groupOf(name));
        const value = leaf(params, name);
        const pull = tf.add(tf.mul(gradient, input('gain')), tf.mul(value, input('decay')));
        const velocity = tf.add(tf.mul(leaf(slots, slotName(name)), input('momentum')), pull);
        updated[name] = tf.sub(value, tf.mul(velocity, input('rate')));
        updated[slotName(name)] = velocity;
      }
      return updated;
    },
  };
}
