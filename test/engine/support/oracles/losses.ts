import { z } from 'zod';
import { negativeCosine } from '../../../../src/engine/methods/losses/cosine.ts';
import { ntXent } from '../../../../src/engine/methods/losses/ntxent.ts';
import { tf } from '../../../../src/engine/tf.ts';
import { relativeError } from '../eager.ts';
import { unit } from '../formula.ts';
import { absent, type Finding } from './finding.ts';

const tolerance = 1e-5;

type Pair = readonly [tf.Tensor2D, tf.Tensor2D];
type PairLoss = (pair: Pair, temperature: number) => tf.Scalar;

/** Losses of two views, by the name in the file without its temperature. */
const pairLosses: Readonly<Record<string, PairLoss>> = {
  // BYOL's share of one direction is 2 − 2 cos.
  byol_pair_2_minus_2cos: ([a, b]) => tf.add(2, tf.mul(2, negativeCosine(a, b))),
  negative_cosine: ([a, b]) => negativeCosine(a, b),
  ntxent: ([a, b], temperature) => ntXent(tf.concat([a, b], 0), tf.scalar(temperature)),
};

const pairSchema = z.object({
  inputs: z
    .array(
      z.union([z.tuple([z.int(), z.int(), z.int()]), z.tuple([z.int(), z.int(), z.int(), z.literal('stop-gradient')])]),
    )
    .length(2),
  temperature: z.number().default(1),
  loss: z.number(),
  grads: z.array(z.object({ norm: z.number(), first8: z.array(z.number()) })),
});

/** Compares losses and their gradients with `losses.json`. */
export async function checkLosses(json: unknown): Promise<Finding[]> {
  await tf.setBackend('cpu');
  return Object.entries(z.record(z.string(), z.unknown()).parse(json)).flatMap(([name, entry]) => {
    const loss = pairLosses[name.replace(/_T[\d.]+$/, '')];
    return loss ? checkPair(name, loss, pairSchema.parse(entry)) : [absent(name, 'no such loss yet')];
  });
}

function checkPair(name: string, loss: PairLoss, oracle: z.infer<typeof pairSchema>): Finding[] {
  const inputs = oracle.inputs.map(([rows, columns, seed]) => tf.tensor2d(unit(rows * columns, seed), [rows, columns]));
  const compute = (...tensors: tf.Tensor[]): tf.Scalar => loss(tensors as unknown as Pair, oracle.temperature);
  const { value, grads } = tf.valueAndGrads(compute)(inputs);
  const moving = grads.filter((_, i) => oracle.inputs[i]?.length === 3);
  const gradients = oracle.grads.flatMap(({ norm, first8 }, i): Finding[] => {
    const ours = moving[i]?.dataSync() ?? [];
    return [
      { what: `${name}, gradient ${i}, norm`, error: relativeError([Math.hypot(...ours)], [norm]), tolerance },
      { what: `${name}, gradient ${i}, first 8`, error: relativeError(ours.slice(0, 8), first8), tolerance },
    ];
  });
  const findings = [{ what: name, error: relativeError(value.dataSync(), [oracle.loss]), tolerance }, ...gradients];
  tf.dispose([inputs, value, grads]);
  return findings;
}
