import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { leaf } from '../../nn/tree.ts';
import type { Executor, HostTensor, Program } from '../../nn/types.ts';
import type { Generator } from '../../data/random.ts';
import { squaredDistances } from './bags.ts';

/** Rounds of k-means; what is found later hardly moves. */
const ROUNDS = 20;

/**
 * One round of k-means (Lloyd 1982): every row to its nearest word, every word to the mean of its rows. A word without
 * rows stays where it is.
 */
export function kmeansProgram(rows: number, words: number, width: number): Program {
  return {
    name: `kmeans-${rows}-${words}-${width}`,
    signature: {
      state: { words: { shape: [words, width], dtype: 'float32' } },
      batch: { rows: { shape: [rows, width], dtype: 'float32' } },
      hyper: {},
      random: {},
    },
    step({ state, batch }) {
      const x = leaf(batch, 'rows') as TF.Tensor2D;
      const old = leaf(state, 'words') as TF.Tensor2D;
      const distances = squaredDistances(x, old);
      const members = tf.oneHot(tf.argMin(distances, 1) as TF.Tensor1D, words) as TF.Tensor2D;
      const counts = tf.reshape(tf.sum(members, 0), [words, 1]);
      const means = tf.div(tf.matMul(members, x, true, false), tf.maximum(counts, 1));
      const empty = tf.cast(tf.equal(counts, 0), 'float32');
      return {
        state: { words: tf.add(means, tf.mul(old, empty)) },
        metrics: { loss: tf.mean(tf.min(distances, 1)) },
      };
    },
  };
}

/**
 * Words of a set of vectors by k-means, begun with vectors drawn at random.
 * @param rows [n, width] @returns [words, width]
 */
export async function findWords(
  executor: Executor,
  rows: HostTensor,
  words: number,
  random: Generator,
): Promise<HostTensor> {
  const [count = 0, width = 0] = rows.shape;
  const order = random.permutation(count);
  const data = new Float32Array(words * width);
  for (let word = 0; word < words; word++) {
    const row = order[word % count] as number;
    data.set((rows.data as Float32Array).subarray(row * width, (row + 1) * width), word * width);
  }
  const compiled = await executor.compile(kmeansProgram(count, words, width));
  try {
    await compiled.load({ words: { shape: [words, width], dtype: 'float32', data } });
    for (let round = 0; round < ROUNDS; round++) await compiled.run({ batch: { rows }, hyper: {}, random: {} });
    return leaf(await compiled.read(), 'words');
  } finally {
    await compiled.dispose();
  }
}
