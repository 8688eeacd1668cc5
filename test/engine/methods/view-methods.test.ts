import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { viewPreset } from '../../../src/engine/augment/presets.ts';
import { wholeImage } from '../../../src/engine/augment/whole.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { ntXent } from '../../../src/engine/methods/losses/ntxent.ts';
import { supCon } from '../../../src/engine/methods/losses/supcon.ts';
import { method, settingsOf } from '../../../src/engine/methods/registry.ts';
import { information, outputSpread } from '../../../src/engine/methods/signs.ts';
import type { Judged, Objective, Settings } from '../../../src/engine/methods/types.ts';
import { leaf } from '../../../src/engine/nn/tree.ts';
import type { HostTree, Tree } from '../../../src/engine/nn/types.ts';
import { tf } from '../../../src/engine/tf.ts';
import { toTensor, toTensors, useEager } from '../support/eager.ts';
import { twinOf, waves } from './pairs.ts';

before(useEager);

// The equations of the papers as plain loops in float64; nothing of the engine is used up to the next line of this kind.

type Rows = readonly (readonly number[])[];
type Plain = Readonly<Record<string, Rows>>;
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const column = (rows: Rows, j: number): number[] => rows.map((row) => row[j] as number);
const unit = (row: readonly number[]): number[] => row.map((v) => v / Math.sqrt(dot(row, row) + 1e-12));
const cosine = (a: readonly number[], b: readonly number[]): number => dot(unit(a), unit(b));
const softmax = (row: readonly number[]): number[] => {
  const powers = row.map((v) => Math.exp(v - Math.max(...row)));
  return powers.map((v) => v / powers.reduce((a, b) => a + b, 0));
};
const crossEntropy = (aims: Rows, scores: Rows, temperature: number): number =>
  mean(aims.map((aim, i) => -dot(aim, softmax((scores[i] as number[]).map((v) => v / temperature)).map(Math.log))));
const chunks = (rows: Rows, size: number): Rows[] =>
  Array.from({ length: rows.length / size }, (_, i) => rows.slice(i * size, (i + 1) * size));
const swapped = (rows: Rows): Rows => [...rows.slice(rows.length / 2), ...rows.slice(0, rows.length / 2)];

const times = (rows: Rows, weight: Rows): Rows =>
  rows.map((row) => (weight[0] as number[]).map((_, j) => dot(row, column(weight, j))));
const standardised = (rows: Rows): Rows => {
  const middle = (rows[0] as number[]).map((_, j) => mean(column(rows, j)));
  const spread = middle.map((m, j) => Math.sqrt(mean(column(rows, j).map((v) => (v - m) ** 2)) + 1e-5));
  return rows.map((row) => row.map((v, j) => (v - (middle[j] as number)) / (spread[j] as number)));
};

/** Linear, batch normalisation of each view, ReLU, once or twice, then linear. */
function head(params: Plain, rows: Rows, batch: number): Rows {
  const layer = (x: Rows, name: string, norm: string): Rows =>
    chunks(times(x, params[`${name}.weight`] as Rows), batch)
      .flatMap(standardised)
      .map((row) =>
        row.map((v, j) =>
          Math.max(
            0,
            v * ((params[`${norm}.weight`] as Rows)[0]?.[j] as number) +
              ((params[`${norm}.bias`] as Rows)[0]?.[j] as number),
          ),
        ),
      );
  let x = layer(rows, 'hidden', 'norm');
  if (params['middle.weight']) x = layer(x, 'middle', 'middle-norm');
  const bias = params['output.bias']?.[0];
  return times(x, params['output.weight'] as Rows).map((row) => row.map((v, j) => v + (bias?.[j] ?? 0)));
}
const scores = (params: Plain, rows: Rows): Rows =>
  rows.map((row) => (params['weight'] as Rows).map((prototype) => cosine(row, prototype)));

/** Rows sum to 1, and each column gets the same share, after so many rounds over e^(score/ε). */
function sinkhorn(rows: Rows, epsilon: number, rounds: number): Rows {
  let plan = rows.map((row) => row.map((v) => Math.exp(v / epsilon)));
  for (let round = 0; round < rounds; round++) {
    const totals = (plan[0] as number[]).map((_, j) => column(plan, j).reduce((a, b) => a + b, 0));
    plan = plan.map((row) => row.map((v, j) => v / (totals[j] as number)));
    plan = plan.map((row) => row.map((v) => v / row.reduce((a, b) => a + b, 0)));
  }
  return plan;
}

// From here on the engine.

const batch = 4;
const lite = 'efficientnet-lite0';
const backbone = { ...twinOf(lite), features: 6 };

function objectiveOf(name: string, chosen: Settings = {}): Objective {
  const found = method(name);
  const settings = settingsOf(found, { hidden: 12, projection: 8, ...chosen });
  return found.objective({ backbone, settings, batch, recordSide: 32, size: 32, views: viewPreset('any-orientation') });
}
const featuresOf = (rows: number, seed: number): Rows =>
  Array.from({ length: rows }, (_, i) => [...generator(seed, 'features', i).normal(backbone.features)]);
/** First parameters of every part, with shifts that are not 0. */
const paramsOf = ({ parts }: Objective, seed: number): Record<string, HostTree> =>
  Object.fromEntries(
    Object.entries(parts).map(([name, part]) => {
      const random = generator(seed, name);
      const start = part.initial(random);
      const shifted = Object.entries(start).map(([leafName, tensor]): [string, HostTree[string]] => [
        leafName,
        leafName.endsWith('.bias') ? { ...tensor, data: random.normal(tensor.data.length) } : tensor,
      ]);
      return [name, Object.fromEntries(shifted)];
    }),
  );
const plain = (tree: HostTree): Plain =>
  Object.fromEntries(
    Object.entries(tree).map(([name, { shape, data }]) => [
      name,
      chunks(
        [...data].map((v) => [v]),
        shape.at(-1) ?? 1,
      ).map((row) => row.flat()),
    ]),
  );

interface Given {
  readonly online: Readonly<Record<string, Rows>>;
  readonly target?: Readonly<Record<string, Rows>>;
  readonly buffers?: Tree;
}
/** The loss of an objective and the gradient of its first set of online features. */
function judge(
  objective: Objective,
  params: Record<string, HostTree>,
  targetParams: Record<string, HostTree>,
  { online, target = {}, buffers = {} }: Given,
): { judged: Judged; value: number; gradient: number[] } {
  const tensors = (sets: Readonly<Record<string, Rows>>) =>
    Object.fromEntries(Object.entries(sets).map(([name, rows]) => [name, tf.tensor2d(rows as number[][])]));
  const forward = (of: Record<string, HostTree>) => (name: string, x: tf.Tensor2D) =>
    leaf(objective.parts, name).forward(toTensors(leaf(of, name)), x, x.shape[0] / batch);
  const hyper = Object.fromEntries(
    Object.entries(objective.hyper(0, { total: 10, warmUp: 0 })).map(([name, v]) => [name, tf.scalar(v)]),
  );
  const [first = ''] = objective.sees.online;
  const all = tensors(online);
  let judged: Judged | undefined;
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => {
    judged = objective.loss({
      online: { ...all, [first]: x as tf.Tensor2D },
      target: tensors(target),
      maps: { online: {}, target: {} },
      pictures: {},
      part: forward(params),
      targetPart: forward(targetParams),
      batch: {},
      random: {},
      hyper,
      buffers,
    });
    for (const tensor of Object.values({ ...judged.buffers, ...judged.metrics })) tf.keep(tensor);
    return judged.loss;
  })(leaf(all, first)) as unknown as { value: tf.Scalar; grad: tf.Tensor };
  return { judged: judged as Judged, value: value.dataSync()[0] as number, gradient: [...grad.dataSync()] };
}

/** Derivative of a plain function along a direction, by central differences. */
function slope(at: Rows, along: Rows, loss: (x: Rows) => number): number {
  const step = 1e-5;
  const moved = (by: number): Rows => at.map((row, i) => row.map((v, j) => v + by * (along[i]?.[j] as number)));
  return (loss(moved(step)) - loss(moved(-step))) / (2 * step);
}
const near = (actual: number, expected: number, within: number, what: string): void =>
  assert.ok(
    Math.abs(actual - expected) <= within * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, not ${expected}`,
  );

/** Value and gradient of the engine against a plain loss whose constants are already in it. */
function agrees(found: { value: number; gradient: number[] }, at: Rows, loss: (x: Rows) => number): void {
  near(found.value, loss(at), 1e-5, 'loss');
  for (const seed of [7, 8, 9]) {
    const along = featuresOf(at.length, seed);
    const expected = slope(at, along, loss);
    assert.ok(Math.abs(expected) > 1e-3, `this direction says nothing: ${expected}`);
    near(dot(found.gradient, along.flat()), expected, 1e-3, `slope ${seed}`);
  }
}

test('SimSiam: a view predicts the other, through a predictor, and no gradient comes from what is predicted', () => {
  const objective = objectiveOf('simsiam', { bottleneck: 5 });
  const params = paramsOf(objective, 1);
  const { projector = {}, predictor = {} } = Object.fromEntries(Object.entries(params).map(([k, v]) => [k, plain(v)]));
  const at = featuresOf(2 * batch, 1);
  const project = (x: Rows): Rows => chunks(head(projector, x, batch), batch).flatMap(standardised);
  const aim = swapped(project(at));
  const loss = (x: Rows): number =>
    -mean(head(predictor, project(x), batch).map((row, i) => cosine(row, aim[i] as number[])));
  agrees(judge(objective, params, {}, { online: { views: at } }), at, loss);
});

test('SwAV: views and small crops predict balanced assignments, of which no gradient comes', () => {
  const objective = objectiveOf('swav', { smallCrops: 2, prototypes: 5, temperature: 0.2, epsilon: 0.3 });
  const params = paramsOf(objective, 1);
  const { projector = {}, prototypes = {} } = Object.fromEntries(Object.entries(params).map(([k, v]) => [k, plain(v)]));
  const at = featuresOf(2 * batch, 1);
  const small = featuresOf(2 * batch, 2);
  const said = (x: Rows): Rows[] => chunks(scores(prototypes, head(projector, x, batch)), batch);
  const assigned = said(at).map((rows) => sinkhorn(rows, 0.3, 3));
  const loss = (x: Rows): number => {
    const views = [...said(x), ...said(small)];
    return mean(
      assigned.flatMap((aims, i) => views.flatMap((view, v) => (v === i ? [] : [crossEntropy(aims, view, 0.2)]))),
    );
  };
  agrees(judge(objective, params, {}, { online: { views: at, small } }), at, loss);
});

test('DINO: students predict the centred, sharpened teacher of the other view; the centre follows the teacher', () => {
  const objective = objectiveOf('dino', {
    smallCrops: 1,
    outputs: 5,
    teacherTemperature: 0.2,
    studentTemperature: 0.3,
  });
  const [params, slow] = [paramsOf(objective, 1), paramsOf(objective, 2)];
  const of = (tree: Record<string, HostTree>, name: string): Plain => plain(leaf(tree, name));
  const at = featuresOf(2 * batch, 1);
  const [small, seen] = [featuresOf(batch, 2), featuresOf(2 * batch, 3)];
  const centre = [0.5, -0.4, 0.3, 0, -0.2];
  const teacher = scores(of(slow, 'last'), head(of(slow, 'projector'), seen, batch));
  const aims = chunks(
    teacher.map((row) => softmax(row.map((v, k) => (v - (centre[k] as number)) / 0.2))),
    batch,
  );
  const say = (x: Rows): Rows[] => chunks(scores(of(params, 'last'), head(of(params, 'projector'), x, batch)), batch);
  const loss = (x: Rows): number => {
    const views = [...say(x), ...say(small)];
    return mean(aims.flatMap((aim, i) => views.flatMap((view, v) => (v === i ? [] : [crossEntropy(aim, view, 0.3)]))));
  };
  const given = { online: { views: at, small }, target: { views: seen }, buffers: { centre: tf.tensor1d(centre) } };
  const found = judge(objective, params, slow, given);
  agrees(found, at, loss);
  const moved = [...(found.judged.buffers?.['centre']?.dataSync() ?? [])];
  centre.forEach((v, k) => near(moved[k] as number, 0.9 * v + 0.1 * mean(column(teacher, k)), 1e-6, `centre ${k}`));
});

test('BYOL: each view predicts, through a predictor, what the target says of the other', () => {
  const objective = objectiveOf('byol');
  const [params, slow] = [paramsOf(objective, 1), paramsOf(objective, 2)];
  const [at, seen] = [featuresOf(2 * batch, 1), featuresOf(2 * batch, 2)];
  const aim = swapped(head(plain(leaf(slow, 'projector')), seen, batch));
  const loss = (x: Rows): number => {
    const said = head(plain(leaf(params, 'predictor')), head(plain(leaf(params, 'projector')), x, batch), batch);
    return 2 - 2 * mean(said.map((row, i) => cosine(row, aim[i] as number[])));
  };
  agrees(judge(objective, params, slow, { online: { views: at }, target: { views: seen } }), at, loss);
});

test('BYOL, raw to augmented: a view predicts what the target says of the unchanged image', () => {
  const objective = objectiveOf('byol', { pairing: 'raw-to-augmented' });
  const [params, slow] = [paramsOf(objective, 1), paramsOf(objective, 2)];
  const [at, raw] = [featuresOf(batch, 1), featuresOf(batch, 2)];
  const aim = head(plain(leaf(slow, 'projector')), raw, batch);
  const loss = (x: Rows): number => {
    const said = head(plain(leaf(params, 'predictor')), head(plain(leaf(params, 'projector')), x, batch), batch);
    return 2 - 2 * mean(said.map((row, i) => cosine(row, aim[i] as number[])));
  };
  agrees(judge(objective, params, slow, { online: { views: at }, target: { raw } }), at, loss);

  const inputs = toTensors(waves(batch, 32, 1));
  const { views, raw: seen } = objective.pictures(inputs, toTensors(objective.draw(generator(1, 'views'))));
  assert.deepEqual(objective.sees, { online: ['views'], target: ['raw'] });
  assert.deepEqual(seen?.dataSync(), wholeImage(inputs['images'] as tf.Tensor4D, 32).dataSync());
  assert.deepEqual(views?.shape, [batch, 3, 32, 32]);
});

test('SupCon: images without a label are classes of their own, so that without any label it is NT-Xent', () => {
  const rows = tf.tensor2d(featuresOf(2 * batch, 1) as number[][]);
  const none = tf.tensor1d([-1, -1, -1, -1], 'int32');
  const of = (labels: tf.Tensor1D): number => supCon(rows, labels, tf.scalar(0.3)).dataSync()[0] as number;
  near(of(none), ntXent(rows, tf.scalar(0.3)).dataSync()[0] as number, 1e-5, 'without labels');
  // Images 0 and 2 are of one class; the others have their own partner alone.
  const unitRows = featuresOf(2 * batch, 1).map(unit);
  const perRow = unitRows.map((row, i) => {
    const others = unitRows.map((_, j) => j).filter((j) => j !== i);
    const total = others.reduce((sum, j) => sum + Math.exp(dot(row, unitRows[j] as number[]) / 0.3), 0);
    const alike = others.filter((j) => j % 4 === i % 4 || (i % 2 === 0 && j % 2 === 0));
    return -mean(alike.map((j) => dot(row, unitRows[j] as number[]) / 0.3 - Math.log(total)));
  });
  near(of(tf.tensor1d([1, -1, 1, -1], 'int32')), mean(perRow), 1e-5, 'with a class of two');
});

test('what shows a collapse is 0 where all images get the same, and large where they do not', () => {
  const value = (x: tf.Tensor): number => x.dataSync()[0] as number;
  const same = toTensor({ shape: [4, 3], dtype: 'float32', data: Float32Array.from({ length: 12 }, (_, k) => k % 3) });
  assert.ok(value(outputSpread(same as tf.Tensor2D)) < 1e-6);
  assert.ok(value(outputSpread(tf.tensor2d(featuresOf(64, 1) as number[][]))) > 0.9);
  const onePrototype = tf.tensor2d(Array.from({ length: 4 }, () => [1, 0, 0, 0]));
  const allAlike = tf.fill([4, 4], 0.25) as tf.Tensor2D;
  for (const collapsed of [onePrototype, allAlike]) near(value(information(collapsed)), 0, 1e-6, 'collapsed');
  near(value(information(tf.eye(4))), 1, 1e-6, 'each its own');
});
