import { tf } from '../tf.ts';
import { channelGate } from './composites/channel-gate.ts';
import { swish } from './composites/swish.ts';
import { globalAveragePool } from './layers.ts';
import { leaf } from './tree.ts';
import type { Tree } from './types.ts';

/**
 * Squeeze-and-excitation (Hu et al. 2018, equations 2 to 4) as EfficientNet has it, with swish inside: every channel
 * times a gate between 0 and 1 that follows from the means of all channels.
 * @param x [n, h, w, c]
 * @param name of the pair of 1×1 convolutions with biases `conv_reduce` and `conv_expand`
 */
export function squeezeExcite(x: tf.Tensor4D, params: Tree, name: string): tf.Tensor4D {
  const linear = (rows: tf.Tensor2D, conv: string): tf.Tensor2D => {
    const weight = leaf(params, `${name}.${conv}.weight`);
    const matrix: tf.Tensor2D = tf.reshape(weight, [-1, weight.shape.at(-1) as number]);
    return tf.add(tf.matMul(rows, matrix), leaf(params, `${name}.${conv}.bias`));
  };
  return channelGate(x, tf.sigmoid(linear(swish(linear(globalAveragePool(x), 'conv_reduce')), 'conv_expand')));
}
