import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import type { Generator } from '../../data/random.ts';
import { leaf, stripPrefix, withPrefix } from '../../nn/tree.ts';
import type { HostTree, Tree, TreeSpec } from '../../nn/types.ts';
import type { Part } from '../types.ts';

const layers = (widths: readonly number[]): { name: string; inputs: number; outputs: number }[] =>
  widths.slice(1).map((outputs, i) => ({ name: `${i}`, inputs: widths[i] as number, outputs }));

/**
 * Linear layers with a ReLU between them. Weights and biases start uniform in
 * ±1/√inputs, as torch.nn.Linear does.
 */
export function dense(...widths: number[]): Part {
  const all = layers(widths);
  const spec: TreeSpec = Object.assign(
    {},
    ...all.map(({ name, inputs, outputs }) => ({
      [`${name}.weight`]: { shape: [inputs, outputs], dtype: 'float32' },
      [`${name}.bias`]: { shape: [outputs], dtype: 'float32' },
    })),
  );
  return {
    spec,
    initial: (random) => uniformStart(spec, (name) => all[Number(name.split('.')[0])]?.inputs ?? 1, random),
    forward(params, x) {
      let y = x;
      all.forEach(({ name }, i) => {
        const linear = tf.matMul(i > 0 ? tf.relu(y) : y, leaf(params, `${name}.weight`) as TF.Tensor2D);
        y = tf.add(linear, leaf(params, `${name}.bias`));
      });
      return y;
    },
  };
}

function uniformStart(spec: TreeSpec, inputsOf: (name: string) => number, random: Generator): HostTree {
  return Object.fromEntries(
    Object.entries(spec).map(([name, one]) => {
      const bound = 1 / Math.sqrt(inputsOf(name));
      const length = one.shape.reduce((a, b) => a * b, 1);
      return [name, { ...one, data: random.uniform(length).map((value) => (2 * value - 1) * bound) }];
    }),
  );
}

/**
 * Tells something of several tiles of an image together: each through the same linear layer, side by side through
 * further ones. Takes [tiles · batch, input], tile-major; gives [batch, output].
 */
export function together(tiles: number, input: number, perTile: number, hidden: number, output: number): Part {
  const each = dense(input, perTile);
  const joint = dense(tiles * perTile, hidden, output);
  const inside = (params: Tree, name: string): Tree => stripPrefix(params, `${name}.`);
  return {
    spec: { ...withPrefix(each.spec, 'each.'), ...withPrefix(joint.spec, 'joint.') },
    initial: (random) => ({
      ...withPrefix(each.initial(random), 'each.'),
      ...withPrefix(joint.initial(random), 'joint.'),
    }),
    forward(params, x) {
      const ofTiles = tf.relu(each.forward(inside(params, 'each'), x, tiles));
      const beside = tf.concat(tf.split(ofTiles, tiles), 1) as TF.Tensor2D;
      return joint.forward(inside(params, 'joint'), beside, 1);
    },
  };
}
