import { z } from 'zod';
import { barlowTwins } from '../../../../src/engine/methods/losses/barlow.ts';
import { negativeCosine } from '../../../../src/engine/methods/losses/cosine.ts';
import { dinoLoss, movedCentre } from '../../../../src/engine/methods/losses/dino.ts';
import { ntXent } from '../../../../src/engine/methods/losses/ntxent.ts';
import { supCon } from '../../../../src/engine/methods/losses/supcon.ts';
import { swavLoss } from '../../../../src/engine/methods/losses/swav.ts';
import { vicreg } from '../../../../src/engine/methods/losses/vicreg.ts';
import { tf } from '../../../../src/engine/tf.ts';
import { relativeError } from '../eager.ts';
import { unit } from '../formula.ts';
import { absent, type Finding } from './finding.ts';

const tolerance = 1e-5;

const plainSchema = z.tuple([z.int(), z.int(), z.int()]);
type Plain = z.infer<typeof plainSchema>;
const inputSchema = z.union([plainSchema, z.tuple([z.int(), z.int(), z.int(), z.literal('stop-gradient')])]);
const oracleSchema = z.object({
  /** Two views, for most losses. */
  inputs: z.array(inputSchema).default([]),
  inputs_high: z.array(plainSchema).default([]),
  inputs_low: z.array(plainSchema).default([]),
  teacher: z.array(plainSchema).default([]),
  student: z.array(plainSchema).default([]),
  labels: z.array(z.int()).default([]),
  temperature: z.number().optional(),
  teacher_temp: z.number().default(1),
  student_temp: z.number().default(1),
  lambda_: z.number().default(1),
  sinkhorn_iterations: z.int().default(0),
  sinkhorn_epsilon: z.number().default(1),
  center_after_first8: z.array(z.number()).optional(),
  loss: z.number(),
  grads: z.array(z.object({ norm: z.number(), first8: z.array(z.number()) })),
});
type Oracle = z.infer<typeof oracleSchema> & { readonly temperature: number };
type Rows = tf.Tensor2D;

interface Case {
  /** Inputs in the order of the gradients that are recorded, those without gradient among them. */
  inputs(oracle: Oracle): readonly z.infer<typeof inputSchema>[];
  loss(rows: readonly Rows[], oracle: Oracle): tf.Scalar;
}
const pair = (loss: (a: Rows, b: Rows, oracle: Oracle) => tf.Scalar): Case => ({
  inputs: (oracle) => oracle.inputs,
  loss: ([a, b], oracle) => loss(a as Rows, b as Rows, oracle),
});

const rowsOf = ([rows, columns, seed]: readonly [number, number, number, ...unknown[]]): Rows =>
  tf.tensor2d(unit(rows * columns, seed), [rows, columns]);
const teachers = (oracle: Oracle): Rows[] => oracle.teacher.map(rowsOf);
const noCentre = (oracle: Oracle): tf.Tensor1D => tf.zeros([(oracle.teacher[0] as Plain)[1]]);

/** Losses by the name in the file without its temperature. */
const cases: Readonly<Record<string, Case>> = {
  // BYOL's share of one direction is 2 − 2 cos.
  byol_pair_2_minus_2cos: pair((a, b) => tf.add(2, tf.mul(2, negativeCosine(a, b)))),
  negative_cosine: pair((a, b) => negativeCosine(a, b)),
  ntxent: pair((a, b, { temperature }) => ntXent(tf.concat([a, b]), tf.scalar(temperature))),
  supcon: pair((a, b, { labels, temperature }) =>
    supCon(tf.concat([a, b]), tf.tensor1d(labels, 'int32'), tf.scalar(temperature)),
  ),
  barlow: pair((a, b, oracle) => barlowTwins(a, b, tf.scalar(oracle.lambda_))),
  vicreg: pair((a, b) =>
    vicreg(a, b, { invariance: tf.scalar(25), variance: tf.scalar(25), covariance: tf.scalar(1) }),
  ),
  swav: {
    inputs: (oracle) => [...oracle.inputs_high, ...oracle.inputs_low],
    loss: (rows, oracle) =>
      swavLoss(rows.slice(0, oracle.inputs_high.length), rows.slice(oracle.inputs_high.length), {
        temperature: tf.scalar(oracle.temperature),
        epsilon: tf.scalar(oracle.sinkhorn_epsilon),
        iterations: oracle.sinkhorn_iterations,
      }),
  },
  dino: {
    inputs: (oracle) => oracle.student,
    loss: (rows, oracle) =>
      dinoLoss(teachers(oracle), rows, noCentre(oracle), {
        teacher: tf.scalar(oracle.teacher_temp),
        student: tf.scalar(oracle.student_temp),
      }),
  },
};

/** Compares losses and their gradients with `losses.json`. */
export async function checkLosses(json: unknown): Promise<Finding[]> {
  await tf.setBackend('cpu');
  return Object.entries(z.record(z.string(), z.unknown()).parse(json)).flatMap(([name, entry]) => {
    const [plain = '', inName] = name.split('_T');
    const found = cases[plain];
    if (!found) return [absent(name, 'no such loss yet')];
    const oracle = oracleSchema.parse(entry);
    tf.engine().startScope();
    try {
      return check(name, found, { ...oracle, temperature: oracle.temperature ?? Number(inName ?? 1) });
    } finally {
      tf.engine().endScope();
    }
  });
}

function check(name: string, { inputs, loss }: Case, oracle: Oracle): Finding[] {
  const specs = inputs(oracle);
  const { value, grads } = tf.valueAndGrads((...rows: tf.Tensor[]) => loss(rows as Rows[], oracle))(specs.map(rowsOf));
  const moving = grads.filter((_, i) => specs[i]?.length === 3);
  const gradients = oracle.grads.flatMap(({ norm, first8 }, i): Finding[] => {
    const ours = moving[i]?.dataSync() ?? [];
    return [
      { what: `${name}, gradient ${i}, norm`, error: relativeError([Math.hypot(...ours)], [norm]), tolerance },
      { what: `${name}, gradient ${i}, first 8`, error: relativeError(ours.slice(0, 8), first8), tolerance },
    ];
  });
  const findings = [{ what: name, error: relativeError(value.dataSync(), [oracle.loss]), tolerance }, ...gradients];
  if (!oracle.center_after_first8) return findings;
  const centre = movedCentre(noCentre(oracle), tf.concat(teachers(oracle)), tf.scalar(0.1)).dataSync();
  const error = relativeError(centre.slice(0, 8), oracle.center_after_first8);
  return [...findings, { what: `${name}, centre afterwards`, error, tolerance }];
}
