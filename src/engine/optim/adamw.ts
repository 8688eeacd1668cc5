import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import type { Tree, TreeSpec } from '../nn/types.ts';
import { scalarInputs } from './scalar.ts';
import type { Optimizer } from './types.ts';

const inputs = scalarInputs('adamw', ['mean', 'square', 'keep', 'rate', 'epsilon']);
const slotName = (slot: 'mean' | 'square', name: string): string => `slots.adamw.${slot}.${name}`;

export interface AdamWSettings {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2; as torch.optim.AdamW):
 * m ← m + (1−β₁)(g−m), v ← v + (1−β₂)(g²−v), θ ← (1−λη)θ − η·m̂/(√v̂+ε).
 * Weight decay acts on every parameter, vectors included, as in the recipes that were measured. The bias corrections
 * are computed on the host in float64 and folded into η and ε: m̂/(√v̂+ε) = √c₂/c₁ · m/(√v+ε√c₂), c = 1−βᵗ.
 */
export function adamW({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamWSettings = {}): Optimizer {
  return {
    name: 'adamw',
    slots(params) {
      const slots: Record<string, TreeSpec[string]> = {};
      for (const [name, spec] of Object.entries(params)) {
        slots[slotName('mean', name)] = spec;
        slots[slotName('square', name)] = spec;
      }
      return slots;
    },
    hyperSpec: inputs.spec,
    hyper(group, { rate, weightDecay, step }) {
      const held = step === 0;
      const root = held ? 1 : Math.sqrt(1 - beta2 ** step);
      const values = {
        mean: held ? 0 : 1 - beta1,
        square: held ? 0 : 1 - beta2,
        keep: held ? 1 : 1 - rate * weightDecay,
        rate: held ? 0 : (rate * root) / (1 - beta1 ** step),
        epsilon: epsilon * root,
      };
      return inputs.values(group, values);
    },
    update(params, gradients, slots, hyper, groupOf) {
      const updated: Tree = {};
      for (const [name, gradient] of Object.entries(gradients)) {
        const input = inputs.of(hyper, groupOf(name));
        const oldMean = leaf(slots, slotName('mean', name));
        const oldSquare = leaf(slots, slotName('square', name));
        const mean = tf.add(oldMean, tf.mul(tf.sub(gradient, oldMean), input('mean')));
        const square = tf.add(oldSquare, tf.mul(tf.sub(tf.square(gradient), oldSquare), input('square')));
        const direction = tf.div(mean, tf.add(tf.sqrt(square), input('epsilon')));
        updated[name] = tf.sub(tf.mul(leaf(params, name), input('keep')), tf.mul(direction, input('rate')));
        updated[slotName('mean', name)] = mean;
        updated[slotName('square', name)] = square;
      }
      return updated;
    },
  };
}
