import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { viewPreset } from '../../../src/engine/augment/presets.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { method, settingsOf } from '../../../src/engine/methods/registry.ts';
import type { AdaptContext, Judged, Objective } from '../../../src/engine/methods/types.ts';
import { findWords } from '../../../src/engine/methods/words/kmeans.ts';
import { leaf } from '../../../src/engine/nn/tree.ts';
import type { HostTree } from '../../../src/engine/nn/types.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { tf } from '../../../src/engine/tf.ts';
import { toTensors, useEager } from '../support/eager.ts';
import { twinOf } from './pairs.ts';

before(useEager);

// Plain loops in float64 over the equations of both papers; nothing of the engine is used below this line and above the next.

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
const apart = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + (v - (b[i] as number)) ** 2, 0);
const unit = (a: readonly number[]): number[] => a.map((v) => v / Math.sqrt(dot(a, a) + 1e-12));
const softmax = (a: readonly number[]): number[] => {
  const top = Math.max(...a);
  const powers = a.map((v) => Math.exp(v - top));
  const total = powers.reduce((sum, v) => sum + v, 0);
  return powers.map((v) => v / total);
};
const crossEntropy = (scores: readonly number[][], bags: readonly number[][]): number =>
  bags.reduce((sum, bag, i) => sum - dot(bag, softmax(scores[i] as number[]).map(Math.log)), 0) / bags.length;

/** y_k ∝ max_u softmax_k(−‖t_u − v_k‖²/δ). */
function softBag(places: readonly number[][], words: readonly number[][], sharpness: number): number[] {
  const codes = places.map((place) => softmax(words.map((word) => -sharpness * apart(place, word))));
  const most = words.map((_, k) => Math.max(...codes.map((code) => code[k] as number)));
  const total = most.reduce((a, b) => a + b, 0);
  return most.map((v) => v / total);
}

/** Share of places whose nearest word is v_k. */
function hardBag(places: readonly number[][], words: readonly number[][]): number[] {
  const bag = words.map(() => 0);
  for (const place of places) {
    const distances = words.map((word) => apart(place, word));
    const nearest = distances.indexOf(Math.min(...distances));
    bag[nearest] = (bag[nearest] as number) + 1 / places.length;
  }
  return bag;
}

/** G: unit rows, linear, batch normalisation over the words, ReLU, linear, unit rows. */
function generated(words: readonly number[][], params: Readonly<Record<string, number[][]>>): number[][] {
  const times = (row: readonly number[], weight: number[][]): number[] =>
    (weight[0] as number[]).map((_, j) =>
      row.reduce((sum, v, i) => sum + v * ((weight[i] as number[])[j] as number), 0),
    );
  const hidden = words.map((word) => times(unit(word), params['hidden.weight'] as number[][]));
  const normal = hidden.map((row) => [...row]);
  for (let j = 0; j < (hidden[0] as number[]).length; j++) {
    const column = hidden.map((row) => row[j] as number);
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    const variance = column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length;
    const [scale, shift] = ['norm.weight', 'norm.bias'].map((name) => (params[name] as number[][])[0]?.[j] as number);
    normal.forEach((row, i) => {
      row[j] = Math.max(
        0,
        (((column[i] as number) - mean) / Math.sqrt(variance + 1e-5)) * (scale as number) + (shift as number),
      );
    });
  }
  const bias = (params['output.bias'] as number[][])[0] as number[];
  return normal.map((row) =>
    unit(times(row, params['output.weight'] as number[][]).map((v, j) => v + (bias[j] as number))),
  );
}

// The engine's losses on the same numbers.

const backbone = twinOf('efficientnet-lite0');
const width = backbone.features;
const [images, side, words] = [3, 3, 20] as const;
const context = (name: string): AdaptContext => ({
  backbone,
  settings: settingsOf(method(name), name === 'obow' ? { words, hidden: 24 } : { words }),
  batch: images,
  recordSide: 32,
  size: 32,
  views: viewPreset('any-orientation'),
});

const random = generator(5, 'words');
const numbers = (...shape: number[]): tf.Tensor => {
  const length = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    random.normal(length).map((v) => Math.max(0, v) + 0.1),
    shape,
  );
};
const rowsOf = (tensor: tf.Tensor): number[][] =>
  (tensor.rank === 0
    ? tensor.reshape([1, 1])
    : tensor.reshape([-1, tensor.shape.at(-1) as number])
  ).arraySync() as number[][];

function judge(objective: Objective, parts: HostTree, partName: string, values: Record<string, tf.Tensor>): Judged {
  const part = leaf(objective.parts, partName);
  const nothing = (): never => assert.fail('no target part');
  return objective.loss({
    online: { view: values['view'] as tf.Tensor2D },
    target: {},
    maps: { online: {}, target: { whole: values['map'] as tf.Tensor4D } },
    pictures: {},
    part: (_, x) => part.forward(toTensors(parts), x, 1),
    targetPart: nothing,
    batch: {},
    random: { place: values['place'] as tf.Tensor },
    hyper: Object.fromEntries(
      Object.entries(objective.hyper(9, { total: 100, warmUp: 0 })).map(([name, value]) => [name, tf.scalar(value)]),
    ),
    buffers: { words: values['words'] as tf.Tensor, distance: tf.scalar(40) },
  });
}
const close = (actual: number, expected: number, what: string): void =>
  assert.ok(
    Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual} for ${expected}`,
  );
const sole = (tensor: tf.Tensor | undefined): number => tensor?.dataSync()[0] ?? Number.NaN;

test('OBoW: loss, words and distance are those of the equations in float64', () => {
  const objective = method('obow').objective(context('obow'));
  const parts = leaf(objective.parts, 'words').initial(random);
  const values = {
    view: numbers(images, width),
    map: numbers(images, side, side, width),
    words: numbers(words, width),
    place: tf.tensor2d([[0], [0.5], [0.99]]),
  };
  const { loss, buffers = {}, metrics = {} } = judge(objective, parts, 'words', values);
  const places = Array.from({ length: images }, (_, i) => rowsOf(values.map).slice(9 * i, 9 * i + 9));
  const known = rowsOf(values.words);
  const nearest = places.flat().map((place) => Math.min(...known.map((word) => apart(place, word))));
  // The tenth step: the mean of ten, of which nine were 40.
  const distance = 40 + (nearest.reduce((a, b) => a + b, 0) / nearest.length - 40) / 10;
  close(sole(buffers['distance']), distance, 'mean distance');
  const bags = places.map((one) => softBag(one, known, 15 / distance));
  const weights = generated(
    known,
    Object.fromEntries(Object.entries(toTensors(parts)).map(([name, t]) => [name, rowsOf(t)])),
  );
  const scores = rowsOf(values.view).map((view) => weights.map((weight) => 5 * dot(view, weight)));
  close(sole(loss), crossEntropy(scores, bags), 'loss');
  const shares = known.map((_, k) => bags.reduce((sum, bag) => sum + (bag[k] as number), 0) / images);
  close(
    sole(metrics['wordsInUse']),
    Math.exp(
      -dot(
        shares,
        shares.map((v) => Math.log(v + 1e-8)),
      ),
    ),
    'words in use',
  );
  // The oldest three make room for the mean of each map: a map of three by three has one place to average around.
  const means = places.map((one) =>
    one[0]?.map((_, j) => one.reduce((sum, place) => sum + (place[j] as number), 0) / 9),
  );
  const renewed = [...known.slice(images), ...means] as number[][];
  rowsOf(leaf(buffers, 'words')).forEach((word, k) =>
    word.forEach((v, j) => close(v, renewed[k]?.[j] ?? Number.NaN, `word ${k}`)),
  );
});

test('BoWNet: the loss of a round is that of the equations in float64', () => {
  const objective = method('bownet').objective(context('bownet'));
  const parts = leaf(objective.parts, 'scores').initial(random);
  const gain = 1.5;
  const values = {
    view: numbers(images, width),
    map: numbers(images, side, side, width),
    words: numbers(words, width),
  };
  const trained = { ...parts, gain: { shape: [], dtype: 'float32', data: Float32Array.of(gain) } } as const;
  const { loss, buffers } = judge(objective, trained, 'scores', values);
  const known = rowsOf(values.words);
  const bags = Array.from({ length: images }, (_, i) => hardBag(rowsOf(values.map).slice(9 * i, 9 * i + 9), known));
  const weight = rowsOf(toTensors(parts)['weight'] as tf.Tensor);
  const columns = known.map((_, k) => unit(weight.map((row) => row[k] as number)));
  const scores = rowsOf(values.view).map((view) => columns.map((column) => gain * dot(view, column)));
  close(sole(loss), crossEntropy(scores, bags), 'loss');
  assert.equal(buffers, undefined, 'words of a round stand still');
});

test('k-means finds groups that lie apart, and a word without rows stays', async () => {
  const centres = [0, 10, 20, 30].map((at) => Array.from({ length: 5 }, (_, j) => (j === 0 ? at : 1)));
  const noise = random.normal(200 * 5);
  const data = Float32Array.from({ length: 200 * 5 }, (_, k) => {
    const centre = centres[Math.floor(k / 5) % 4] as number[];
    return (centre[k % 5] as number) + 0.1 * (noise[k] as number);
  });
  const executor = await createExecutor('onnx');
  // The seed whose four first rows fall into four groups: k-means itself never splits a word in two.
  const found = await findWords(executor, { shape: [200, 5], dtype: 'float32', data }, 40, generator(1, 'words'));
  await executor.dispose();
  const rows = Array.from({ length: 40 }, (_, i) => [...found.data.subarray(5 * i, 5 * i + 5)]);
  for (let group = 0; group < 4; group++) {
    const members = Array.from({ length: 50 }, (_, i) => [
      ...data.subarray(5 * (4 * i + group), 5 * (4 * i + group) + 5),
    ]);
    for (const member of members) {
      const nearest = Math.min(...rows.map((row) => apart(row, member)));
      assert.ok(nearest < 0.3, `a row of group ${group} is ${nearest} from every word`);
    }
  }
  // Every word is the mean of the rows nearest to it.
  const all = Array.from({ length: 200 }, (_, i) => [...data.subarray(5 * i, 5 * i + 5)]);
  const nearestOf = all.map((row) =>
    rows.map((word) => apart(word, row)).reduce((best, d, k, list) => (d < (list[best] as number) ? k : best), 0),
  );
  rows.forEach((word, k) => {
    const own = all.filter((_, i) => nearestOf[i] === k);
    if (own.length === 0) return;
    word.forEach((v, j) =>
      assert.ok(Math.abs(v - own.reduce((sum, row) => sum + (row[j] as number), 0) / own.length) < 1e-3),
    );
  });
});
