import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '../../../../src/contract/errors.ts';
import { resultsSchema } from '../../../../src/contract/results.ts';
import {
  scoredSchema,
  type ArmName,
  type CheckLabels,
  type Manifest,
  type RunSpec,
} from '../../../../src/contract/run-files.ts';
import { generator } from '../../../../src/engine/data/random.ts';
import { evaluateRun } from '../../../../src/engine/evaluate/evaluate.ts';
import { ece } from '../../../../src/engine/evaluate/metrics.ts';
import { fitProbe, headProbabilities } from '../../../../src/engine/regimes/probe.ts';
import { writeSafetensors } from '../../../../src/engine/weights/safetensors.ts';
import { crossedSpread } from '../../../../src/statistics/intervals.ts';
import { studentQuantile } from '../../../../src/statistics/student.ts';

const root = await mkdtemp(join(tmpdir(), 'acclimate-evaluate-'));
after(() => rm(root, { recursive: true, force: true }));

interface World {
  readonly draws: number;
  readonly seeds: number;
  readonly images: number;
  readonly groups?: number;
  readonly classes?: string[];
  readonly kind?: 'shots' | 'fraction' | 'subsample';
  readonly repeated?: boolean;
  readonly drawn?: Manifest['drawn'];
  /** The same without the columns; without it the run uses none. */
  readonly withoutColumns?: World['row'];
  /** Probabilities of one image in one cell. */
  row(arm: ArmName, seed: number, draw: number, image: number): number[];
}

let runs = 0;
const amounts = { shots: { shots: 5 }, fraction: { fraction: 0.25 }, subsample: {} } as const;

/** A run folder as core and the jobs leave it, with predictions made up by `row`. Image n is of class n mod classes. */
async function runFolder(world: World): Promise<{ folder: string; labels: CheckLabels }> {
  const { draws, seeds, images, groups, classes = ['A', 'B'], kind = 'shots', repeated = false, drawn } = world;
  const folder = join(root, `run-${runs++}`);
  await mkdir(join(folder, 'predictions'), { recursive: true });
  await mkdir(join(folder, 'adapt'), { recursive: true });
  const check = Array.from({ length: images }, (_, i) => i + 1);
  const training = Array.from({ length: 20 }, (_, i) => ({ image: 1000 + i, class: i % classes.length, group: i }));
  const train = training.map(({ image }) => image);
  const spec: RunSpec = {
    version: 1,
    runId: '20260503-1',
    createdAt: new Date().toISOString(),
    seed: 0,
    size: 32,
    recordSide: 64,
    backbone: { name: 'efficientnet-lite0', weightsSha256: 'ab' },
    method: { name: 'byol', settings: {} },
    views: 'any-orientation',
    adapt: { epochs: 1, batch: 8, seeds, maxImages: 5 },
    regimes: ['probe'],
    testTimeAugmentation: false,
    protocol: { kind, ...amounts[kind], draws, check: repeated ? 'repeated' : 'reserved' },
    engine: 'auto',
  };
  const scoreOf = (draw: number): number[] => check.filter((id) => id % draws === draw);
  const manifest: Manifest = {
    version: 1,
    cacheFolder: '/nowhere',
    ...(groups ? { groups: groups + 4 } : {}),
    images: world.withoutColumns
      ? check.map((id) => ({ id, path: '', hash: '', columns: [id % 4 === 0 ? null : id] }))
      : [],
    ...(world.withoutColumns && { columns: [{ name: 'age', kind: 'number' }] }),
    classes: classes.map((name, id) => ({ id, name })),
    adapt: train,
    training,
    draws: Array.from({ length: draws }, (_, draw) => ({ train, ...(repeated ? { score: scoreOf(draw) } : {}) })),
    check: repeated ? [] : check,
    ...(drawn ? { drawn } : {}),
  };
  await writeFile(join(folder, 'spec.json'), JSON.stringify(spec));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  for (let seed = 0; seed < seeds; seed++) {
    await writeFile(
      join(folder, 'adapt', `seed-${seed}.json`),
      JSON.stringify({ imagesPerSecond: 40, idleShare: 0.02 * seed, monitor: [] }),
    );
    for (const arm of ['plain', 'adapted'] as const) {
      for (let draw = 0; draw < draws; draw++) {
        const ids = repeated ? scoreOf(draw) : [...check].reverse();
        const write = (name: string, row: World['row']): Promise<unknown> => {
          const data = Float32Array.from(ids.flatMap((id) => row(arm, seed, draw, id)));
          return writeSafetensors(
            join(folder, 'predictions', `${name}-${seed}-${draw}.safetensors`),
            {
              ids: { shape: [ids.length], dtype: 'int32', data: Int32Array.from(ids) },
              probabilities: { shape: [ids.length, classes.length], dtype: 'float32', data },
            },
            { regime: arm === 'plain' ? 'full' : 'probe' },
          );
        };
        await write(arm, world.row);
        if (world.withoutColumns) await write(`${arm}-without-columns`, world.withoutColumns);
      }
    }
  }
  const labels = check.map((image) => ({
    image,
    class: image % classes.length,
    cluster: groups ? image % groups : image,
  }));
  return { folder, labels };
}

/** Right with a probability, the same for the same arguments. */
const called = (right: boolean, image: number): number[] => (right === (image % 2 === 0) ? [0.75, 0.25] : [0.25, 0.75]);

test('what columns add is the same cells with and without them, paired as the arms are', async () => {
  const shape = { draws: 3, seeds: 2, images: 40, groups: 10 };
  const missed: Record<string, number> = { adapted: 4, plain: 10, without: 14 };
  const row = (name: string, image: number): number[] => called(image > missed[name]!, image);
  const run = await runFolder({
    ...shape,
    row: (arm, _, __, image) => row(arm, image),
    withoutColumns: (arm, _, __, image) => row(arm === 'plain' ? 'plain' : 'without', image),
  });
  const { columns, notes, deployed } = await evaluateRun(run.folder, run.labels);
  // A run whose two arms are the cells with and without.
  const arms = await runFolder({ ...shape, row: (arm, _, __, image) => row(arm === 'plain' ? 'without' : arm, image) });
  const pair = await evaluateRun(arms.folder, arms.labels);
  assert.equal(pair.columns, undefined);
  assert.deepEqual(columns?.adapted.added, pair.difference);
  assert.deepEqual(columns?.adapted.without.accuracy, pair.arms.plain.accuracy);
  assert.deepEqual(columns?.plain.added.accuracy.ci, [0, 0]);
  assert.deepEqual(columns?.used, [{ name: 'age', kind: 'number', missing: 10 }]);
  const told = { adapted: /^Adding age helped: the model with adaptation names 25\.0 of 100 more/, plain: /no clear/ };
  assert.ok(
    notes.some((note) => told[deployed].test(note)),
    notes.join(' '),
  );
  assert.ok(notes.includes('age is missing for 10 of 40 check images.'));
});

test('scores, counts and the pairing come out as computed by hand', async () => {
  // 40 images; plain misses images 1..10, adapted misses 1..4, in every draw.
  const { folder, labels } = await runFolder({
    draws: 3,
    seeds: 2,
    images: 40,
    row: (arm, _, __, image) => called(image > (arm === 'plain' ? 10 : 4), image),
  });
  const results = await evaluateRun(folder, labels);
  const { plain, adapted } = results.arms;
  assert.equal(plain.accuracy.mean, 0.75);
  assert.equal(adapted.accuracy.mean, 0.9);
  assert.ok(Math.abs(results.difference.accuracy.mean - 0.15) < 1e-12);
  assert.equal(plain.balancedAccuracy.mean, 0.75);
  assert.deepEqual(plain.confusion, [
    [15, 5],
    [5, 15],
  ]);
  assert.deepEqual(plain.accuracy.perDraw, [0.75, 0.75, 0.75]);
  assert.ok(Math.abs(plain.logLoss.mean - (0.75 * Math.log(4 / 3) + 0.25 * Math.log(4))) < 1e-7);
  // Always 0.75 sure, right as often.
  assert.ok(plain.ece.mean < 1e-7);
  assert.deepEqual(plain.perClass[1], {
    class: 'B',
    checkImages: 20,
    trainingLabels: 10,
    precision: 0.75,
    recall: 0.75,
    f1: 0.75,
    auc: 0.75,
  });
  assert.deepEqual([plain.regimes, adapted.regimes], [['full'], ['probe']]);
  // Draws and seeds change nothing here, so the interval is that of 40 paired images: s²/40, 39 degrees.
  const variance = (6 * 0.85 ** 2 + 34 * 0.15 ** 2) / 39 / 40;
  const half = (results.difference.accuracy.ci[1] - results.difference.accuracy.ci[0]) / 2;
  assert.ok(Math.abs(half - 2.0226909 * Math.sqrt(variance)) < 1e-6);
  assert.deepEqual([results.protocol.checkImages, results.protocol.checkGroups], [40, 0]);
  assert.equal(results.imagesPerSecond, 40);
  assert.ok(Math.abs((results.idleShare ?? NaN) - 0.01 * (results.protocol.seeds - 1)) < 1e-9, 'the mean over seeds');
  assert.equal(results.protocol.adaptationImages, 5);
  const written: unknown = JSON.parse(await readFile(join(folder, 'scores.json'), 'utf8'));
  assert.deepEqual(resultsSchema.parse(written), results);
});

test('images of one group count together: the same misses in few groups give a wider interval', async () => {
  const row: World['row'] = (arm, _, __, image) => called(arm === 'adapted' || image % 10 > 2, image);
  const apart = await runFolder({ draws: 3, seeds: 1, images: 200, row });
  const together = await runFolder({ draws: 3, seeds: 1, images: 200, groups: 10, row });
  const width = ({ difference }: Awaited<ReturnType<typeof evaluateRun>>): number =>
    difference.accuracy.ci[1] - difference.accuracy.ci[0];
  const [wide, narrow] = [
    await evaluateRun(together.folder, together.labels),
    await evaluateRun(apart.folder, apart.labels),
  ];
  assert.ok(width(wide) > 3 * width(narrow), `${width(wide)} ${width(narrow)}`);
  assert.deepEqual([wide.groups, wide.protocol.checkGroups], [14, 10]);
});

test('a missing prediction, or arms scored on different images, is refused and nothing is written', async () => {
  const { folder, labels } = await runFolder({
    draws: 2,
    seeds: 1,
    images: 30,
    row: (_, __, ___, i) => called(true, i),
  });
  await rm(join(folder, 'predictions', 'adapted-0-1.safetensors'));
  const isIncomplete = (error: unknown): boolean => error instanceof AppError && error.code === 'run.incomplete';
  await assert.rejects(evaluateRun(folder, labels), isIncomplete);
  await assert.rejects(readFile(join(folder, 'scores.json')));
  await writeSafetensors(join(folder, 'predictions', 'adapted-0-1.safetensors'), {
    ids: { shape: [1], dtype: 'int32', data: Int32Array.of(1) },
    probabilities: { shape: [1, 2], dtype: 'float32', data: Float32Array.of(0.5, 0.5) },
  });
  await assert.rejects(evaluateRun(folder, labels), isIncomplete);
});

test('equal arms: the difference is exactly 0 and the simpler model is used', async () => {
  const random = generator(5, 'rows').uniform(100);
  const { folder, labels } = await runFolder({
    draws: 2,
    seeds: 1,
    images: 60,
    row: (_, __, draw, image) => called(random[(image * 7 + draw) % 100]! < 0.8, image),
  });
  const results = await evaluateRun(folder, labels);
  for (const { mean, ci } of Object.values(results.difference)) assert.deepEqual([mean, ...ci], [0, 0, 0]);
  assert.deepEqual([results.verdict, results.deployed], ['no-difference', 'plain']);
});

test('subsample: draw 0 alone is scored; repeated: each draw on its own images', async () => {
  const row: World['row'] = (arm, _, draw, image) => called(draw === 0 ? image > 6 : arm === 'adapted', image);
  const subsample = await runFolder({ draws: 3, seeds: 2, images: 60, kind: 'subsample', row });
  const scored = await evaluateRun(subsample.folder, subsample.labels);
  assert.equal(scored.arms.plain.accuracy.mean, 0.9);
  assert.equal(scored.difference.accuracy.mean, 0);
  assert.deepEqual(scored.arms.plain.accuracy.perDraw, [0, 0]);
  assert.deepEqual(scored.arms.adapted.accuracy.perDraw, [1, 1]);
  const [image] = await readScored(subsample.folder);
  assert.deepEqual([image!.plain.draws, image!.plain.hits], [undefined, [[0, 0]]], 'one draw, two seeds');

  const repeated = await runFolder({ draws: 4, seeds: 1, images: 24, kind: 'subsample', repeated: true, row });
  const split = await evaluateRun(repeated.folder, repeated.labels);
  assert.equal(split.protocol.check, 'repeated');
  assert.equal(split.arms.plain.accuracy.perDraw.length, 4);
  // Nadeau–Bengio by hand: differences 0, 1, 1, 1 over 4 splits of 6 test and 20 training images.
  const half = split.difference.accuracy.ci[1] - split.difference.accuracy.mean;
  assert.equal(split.difference.accuracy.mean, 0.75);
  assert.ok(Math.abs(half - Math.min(0.25, 3.182446 * Math.sqrt(0.25 * (1 / 4 + 6 / 20)))) < 1e-6);
  assert.ok(split.notes.some((note) => note.includes('images you chose')));
});

/**
 * Probes of both arms on made-up features in which the classes lie apart, more so in the adapted arm; trained on true
 * or on shuffled labels.
 */
function probes(seed: number, shuffled: boolean): World['row'] {
  const [classes, width, images, perDraw] = [2, 16, 80, 20];
  const features = (arm: ArmName, image: number): Float32Array => {
    const shift = (image % classes === 0 ? 1 : -1) * (arm === 'plain' ? 0.25 : 0.6);
    return generator(seed, `${arm} features`, image)
      .normal(width)
      .map((value) => value + shift);
  };
  const rows = (arm: ArmName, ids: readonly number[]): Float32Array =>
    Float32Array.from(ids.flatMap((id) => [...features(arm, id)]));
  const fitted = new Map<string, number[][]>();
  return (arm, _, draw, image) => {
    const key = `${arm} ${draw}`;
    if (!fitted.has(key)) {
      const train = Array.from({ length: perDraw }, (__, i) => 1000 + draw * perDraw + i);
      const order = generator(seed, 'labels', draw).permutation(perDraw);
      const labels = Int32Array.from(train, (id, i) => (shuffled ? train[order[i]!]! : id) % classes);
      const head = fitProbe(rows(arm, train), labels, classes, new Float32Array(width));
      const ids = Array.from({ length: images }, (__, i) => i + 1);
      const all = headProbabilities(head, rows(arm, ids));
      fitted.set(
        key,
        ids.map((__, i) => [...all.subarray(i * classes, (i + 1) * classes)]),
      );
    }
    return fitted.get(key)![image - 1]!;
  };
}

test('control: probes trained on shuffled labels give "adapted" at most twice in 20 seeds; true ones most times', async () => {
  const adapted = { shuffled: 0, true: 0 };
  for (let seed = 0; seed < 20; seed++) {
    for (const kind of ['shuffled', 'true'] as const) {
      const row = probes(seed, kind === 'shuffled');
      const { folder, labels } = await runFolder({ draws: 3, seeds: 1, images: 80, row });
      const { recommendation } = await evaluateRun(folder, labels);
      if (recommendation === 'adapted') adapted[kind]++;
    }
  }
  assert.ok(adapted.shuffled <= 2, `${adapted.shuffled} of 20 with shuffled labels`);
  assert.ok(adapted.true >= 10, `${adapted.true} of 20 with true labels`);
});

test('a class without check images is not scored, and it is said', async () => {
  const { folder, labels } = await runFolder({
    draws: 2,
    seeds: 1,
    images: 60,
    classes: ['A', 'B', 'Rare'],
    row: (_, __, ___, image) => [0.2, 0.2, 0.2].map((p, c) => (c === image % 3 ? 0.6 : p)),
  });
  const results = await evaluateRun(
    folder,
    labels.filter((label) => label.class !== 2),
  );
  const rare = results.arms.plain.perClass[2]!;
  assert.deepEqual([rare.checkImages, rare.recall, rare.precision, rare.auc], [0, null, null, null]);
  assert.equal(results.arms.plain.balancedAccuracy.mean, 1);
  assert.ok(results.notes.includes('Rare is not measured: 0 check images.'));
  assert.equal(results.protocol.checkImages, 40);
});

test('each check image is called by the mean of its probabilities, of repeated splits by those that held it out', async () => {
  const row: World['row'] = (arm, _seed, draw, image) =>
    arm === 'adapted' ? (image % 2 === 0 ? [1, 0] : [0, 1]) : draw === 0 ? [0.9, 0.1] : [0.2, 0.8];
  const readScored = async (folder: string) =>
    scoredSchema.parse(JSON.parse(await readFile(join(folder, 'scored.json'), 'utf8'))).images;

  for (const kind of ['shots', 'fraction'] as const) {
    const drawn = await runFolder({ draws: 2, seeds: 1, images: 30, kind, row });
    const { protocol } = await evaluateRun(drawn.folder, drawn.labels);
    assert.deepEqual(
      [protocol.kind, protocol.fraction, protocol.draws],
      [kind, kind === 'fraction' ? 0.25 : undefined, 2],
    );
    const all = await readScored(drawn.folder);
    assert.deepEqual(
      all.map(({ image }) => image),
      drawn.labels.map(({ image }) => image).sort((a, b) => a - b),
    );
    for (const { image, class: label, plain, adapted } of all) {
      assert.equal(label, drawn.labels.find((each) => each.image === image)?.class);
      assert.deepEqual([plain.called, plain.probability.toFixed(6)], [0, '0.550000']);
      const sure = { called: image % 2 === 0 ? 0 : 1, probability: 1 };
      assert.deepEqual(adapted, { ...sure, hits: [[1], [1]], draws: [0, 1].map((draw) => ({ draw, ...sure })) });
      const byDraw = plain.draws!.map((answer) => [answer.draw, answer.called, answer.probability.toFixed(3)]);
      assert.deepEqual(byDraw, [
        [0, 0, '0.900'],
        [1, 1, '0.800'],
      ]);
      // The first draw calls all of them the first class, the second the other.
      assert.deepEqual(plain.hits, image % 2 === 0 ? [[1], [0]] : [[0], [1]]);
    }
  }

  const repeated = await runFolder({ draws: 2, seeds: 1, images: 24, kind: 'subsample', repeated: true, row });
  await evaluateRun(repeated.folder, repeated.labels);
  for (const { image, plain } of await readScored(repeated.folder)) {
    // An even number is held out by the first draw.
    const expected = image % 2 === 0 ? [0, '0.900000'] : [1, '0.800000'];
    assert.deepEqual([plain.called, plain.probability.toFixed(6)], expected);
    assert.deepEqual(
      plain.draws?.map(({ draw }) => draw),
      [image % 2],
    );
  }
});

const readScored = async (folder: string) =>
  scoredSchema.parse(JSON.parse(await readFile(join(folder, 'scored.json'), 'utf8'))).images;

test('drawn evenly: every number is the same to the last digit as without, and nothing is said of weights', async () => {
  const random = generator(6, 'rows').uniform(500);
  const world: World = {
    draws: 3,
    seeds: 2,
    images: 60,
    groups: 12,
    row: (arm, seed, draw, image) => {
      const sure = random[(image * 7 + draw * 3 + seed + (arm === 'plain' ? 11 : 0)) % 500]!;
      return [sure, 1 - sure];
    },
  };
  const bare = await runFolder(world);
  const expected = await evaluateRun(bare.folder, bare.labels);
  // Images 41 to 60 were labelled by hand.
  const even = Array.from({ length: 40 }, (_, i) => ({ image: i + 1, probability: 0.3 }));
  const drawn = await runFolder({ ...world, drawn: even });
  const results = await evaluateRun(drawn.folder, drawn.labels);
  assert.deepEqual({ ...results, seconds: 0 }, { ...expected, seconds: 0 });
  assert.deepEqual(await readScored(drawn.folder), await readScored(bare.folder));
  assert.equal('weighted' in results.protocol, false);
});

test('drawn unequally: scores weigh by the inverse, counts stay counts, and it is said', async () => {
  // Images 1..20 were as likely as 0.4 to be drawn, 21..40 as 0.1; plain misses 1..10, adapted 1..4.
  const drawn = Array.from({ length: 40 }, (_, i) => ({ image: i + 1, probability: i < 20 ? 0.4 : 0.1 }));
  const { folder, labels } = await runFolder({
    draws: 2,
    seeds: 1,
    images: 40,
    drawn,
    row: (arm, _, __, image) => called(image > (arm === 'plain' ? 10 : 4), image),
  });
  const results = await evaluateRun(folder, labels);
  const { plain, adapted } = results.arms;
  const near = (actual: number, expected: number): void =>
    assert.ok(Math.abs(actual - expected) < 1e-7, `${actual} is not ${expected}`);
  // 20 × 2.5 and 20 × 10 make 250.
  near(plain.accuracy.mean, 225 / 250);
  near(adapted.accuracy.mean, 240 / 250);
  near(results.difference.accuracy.mean, 15 / 250);
  near(plain.perClass[0]!.recall!, (5 * 2.5 + 100) / 125);
  near(plain.logLoss.mean, 0.9 * Math.log(4 / 3) + 0.1 * Math.log(4));
  near(plain.ece.mean, 0.15);
  assert.deepEqual([plain.perClass[0]!.checkImages, results.protocol.checkImages], [20, 40]);
  assert.deepEqual(plain.confusion, [
    [15, 5],
    [5, 15],
  ]);
  // Jackknife by hand: without an image of the first kind 247.5 is left, of the second 240.
  const differences = Array.from({ length: 40 }, (_, i) => {
    const [weight, gain] = [i < 20 ? 2.5 : 10, i >= 4 && i < 10 ? 1 : 0];
    return 40 * (15 / 250) - 39 * ((15 - weight * gain) / (250 - weight));
  });
  const mean = differences.reduce((sum, value) => sum + value, 0) / 40;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 39 / 40;
  const [low, high] = results.difference.accuracy.ci;
  assert.ok(Math.abs((high - low) / 2 - 2.0226909 * Math.sqrt(variance)) < 1e-6);
  assert.equal(results.protocol.weighted, true);
  assert.ok(results.notes.some((note) => note.startsWith('Some check images were more likely to be drawn')));
  const weights = (await readScored(folder)).map(({ weight }) => weight!);
  near(weights[0]!, 0.4);
  near(weights[39]!, 1.6);
});

test('trust: each draw is corrected by its own temperature, and its answer is the mean over seeds', async () => {
  const temperatures = (draws: readonly (number | null)[]): string => {
    const of = draws.map((temperature) => temperature && { temperature, labels: 12 });
    return JSON.stringify({ version: 1, draws: of, applied: of[0] });
  };
  // Says 0.9 of everything and is right in 3 of 4; the seeds agree on nothing but their mean.
  const row: World['row'] = (_, seed, __, image) => {
    const sure = seed === 0 ? 0.95 : 0.85;
    return (image % 4 !== 0) === (image % 2 === 0) ? [sure, 1 - sure] : [1 - sure, sure];
  };
  const { folder, labels } = await runFolder({ draws: 2, seeds: 2, images: 80, groups: 10, row });
  await mkdir(join(folder, 'models'));
  await writeFile(join(folder, 'models', 'temperatures-plain.json'), temperatures([2, 2]));
  await writeFile(join(folder, 'models', 'temperatures-adapted.json'), temperatures([2, null]));
  const { trust } = await evaluateRun(folder, labels);
  const near = (actual: number | undefined, expected: number): void =>
    assert.ok(Math.abs(actual! - expected) < 1e-6, `${actual} is not ${expected}`);
  const rooted = (sure: number): number => Math.sqrt(sure) / (Math.sqrt(sure) + Math.sqrt(1 - sure));
  const softer = (rooted(0.95) + rooted(0.85)) / 2;
  assert.deepEqual(trust?.plain.temperature, { value: 2, labels: 12 });
  near(trust?.plain.before.ece.mean, 0.15);
  near(trust?.plain.before.logLoss.mean, -0.75 * Math.log(0.9) - 0.25 * Math.log(0.1));
  near(trust?.plain.before.brier.mean, 0.75 * 2 * 0.1 ** 2 + 0.25 * 2 * 0.9 ** 2);
  near(trust?.plain.after?.ece.mean, softer - 0.75);
  near(trust?.plain.after?.logLoss.mean, -0.75 * Math.log(softer) - 0.25 * Math.log(1 - softer));
  const [low, high] = trust!.plain.before.logLoss.ci;
  assert.ok(low < trust!.plain.before.logLoss.mean && trust!.plain.before.logLoss.mean < high);
  assert.equal(trust?.adapted.after, null, 'one draw has no temperature');
  const { images } = scoredSchema.parse(JSON.parse(await readFile(join(folder, 'scored.json'), 'utf8')));
  const { corrected, draws } = images[0]!.plain;
  assert.equal(corrected, undefined, 'the mean over draws is said by no model');
  draws!.forEach((answer) => near(answer.corrected, softer));
  assert.deepEqual(
    images[0]!.adapted.draws!.map((answer) => answer.corrected === undefined),
    [false, true],
  );
});

test('a mean over draws that looks calibrated does not hide single draws that are not', async () => {
  // Each draw says 0.9 of every image and is right in 3 of 5; both are right of 1 in 5, and differ in the rest.
  const isRight = (draw: number, image: number): boolean => image % 5 === 0 || image % 5 < 3 === (draw === 0);
  const row: World['row'] = (_, __, draw, image) =>
    isRight(draw, image) === (image % 2 === 0) ? [0.9, 0.1] : [0.1, 0.9];
  const { folder, labels } = await runFolder({ draws: 2, seeds: 1, images: 100, row });
  const { trust } = await evaluateRun(folder, labels);
  const images = await readScored(folder);
  const ofMean = { labels: images.map((image) => image.class), classes: 2 };
  const probabilities = images.flatMap(({ plain }) => {
    const { called: top, probability } = plain;
    return [0, 1].map((c) => (c === top ? probability : 1 - probability));
  });
  assert.ok(ece({ ...ofMean, probabilities }) < 0.03, `${ece({ ...ofMean, probabilities })}`);
  assert.ok(Math.abs(trust!.plain.before.ece.mean - 0.3) < 1e-6, `${trust!.plain.before.ece.mean}`);
  const pooled = -0.6 * Math.log(0.9) - 0.4 * Math.log(0.1);
  assert.ok(Math.abs(trust!.plain.before.logLoss.mean - pooled) < 1e-6);
});

test('fits of pooled answers and their ranges are those of a plain loop', async () => {
  const random = generator(3, 'pool').uniform(4000);
  const row: World['row'] = (_, seed, draw, image) => {
    // In 64ths, which the file of predictions holds exactly.
    const sure = Math.round(2 + 60 * random[(image * 31 + draw * 7 + seed) % 4000]!) / 64;
    return [sure, 1 - sure];
  };
  const [draws, images, groups] = [3, 30, 6];
  const { folder, labels } = await runFolder({ draws, seeds: 2, images, groups, row });
  const { trust } = await evaluateRun(folder, labels);
  const answers = [0, 1, 2].flatMap((draw) =>
    labels.map(({ image, class: label, cluster }) => {
      const [a, b] = [0, 1].map((seed) => row('plain', seed, draw, image));
      return { draw, cluster, label, p: a!.map((value, c) => (value + b![c]!) / 2) };
    }),
  );
  const scores = {
    logLoss: (kept: typeof answers) => kept.reduce((sum, { p, label }) => sum - Math.log(p[label]!), 0) / kept.length,
    brier: (kept: typeof answers) =>
      kept.reduce((sum, { p, label }) => sum + 2 * (1 - p[label]!) ** 2, 0) / kept.length,
    ece: (kept: typeof answers) => {
      const gaps = new Map<number, number>();
      for (const { p, label } of kept) {
        const top = p[0]! >= p[1]! ? 0 : 1;
        const bin = Math.ceil(15 * p[top]!);
        gaps.set(bin, (gaps.get(bin) ?? 0) + (top === label ? 1 : 0) - p[top]!);
      }
      return [...gaps.values()].reduce((sum, gap) => sum + Math.abs(gap), 0) / kept.length;
    },
  };
  for (const name of ['logLoss', 'brier', 'ece'] as const) {
    const whole = scores[name](answers);
    const without = [0, 1, 2].flatMap((draw) =>
      Array.from({ length: groups }, (_, group) =>
        scores[name](answers.filter((answer) => answer.draw !== draw || answer.cluster !== group)),
      ),
    );
    const cells = Float64Array.from(without, (value) => draws * groups * whole - (draws * groups - 1) * value);
    const spread = crossedSpread({ values: cells, levels: [draws, groups] });
    const { mean, ci } = trust!.plain.before[name];
    assert.ok(Math.abs(mean - whole) < 1e-9, `${name} ${mean} ${whole}`);
    const half = studentQuantile(0.975, spread.degrees) * Math.sqrt(spread.variance);
    assert.ok(Math.abs(ci[1] - (whole + half)) < 1e-9, `${name} ${ci[1]} ${whole + half}`);
    assert.ok(Math.abs(ci[0] - Math.max(0, whole - half)) < 1e-9);
  }
});

test('the learning curve joins what was called with the check labels, and guesses on from there', async () => {
  const row: World['row'] = (_, __, ___, image) => called(true, image);
  const { folder, labels } = await runFolder({ draws: 2, seeds: 1, images: 40, groups: 8, row });
  const ids = labels.map(({ image }) => image);
  const steps = [2, 5, 10, 20];
  // Each order misses 16, 8, 4 and 2 images, one more or less by chance.
  const missed = (order: number, step: number): number => [16, 8, 4, 2][step]! + (step < 3 ? (order % 3) - 1 : 0);
  const data = [0, 1, 2, 3, 4, 5].flatMap((order) =>
    steps.flatMap((_, step) => labels.map(({ class: c }, i) => (i < missed(order, step) ? 1 - c : c))),
  );
  await writeSafetensors(join(folder, 'predictions', 'curve-plain.safetensors'), {
    ids: { shape: [40], dtype: 'int32', data: Int32Array.from(ids) },
    steps: { shape: [4], dtype: 'float32', data: Float32Array.from(steps) },
    called: { shape: [6, 4, 40], dtype: 'int32', data: Int32Array.from(data) },
  });
  const { curve } = await evaluateRun(folder, labels);
  assert.equal(curve?.adapted, null);
  const { points, outlook, checkImages } = curve!.plain!;
  assert.deepEqual([checkImages, points.map((point) => point.labels)], [40, steps]);
  assert.deepEqual(
    points.map(({ mean }) => Math.round(40 * (1 - mean))),
    [16, 8, 4, 2],
  );
  assert.ok(points.every(({ mean, ci }) => ci[0] < mean && mean < ci[1]));
  // Errors halve with each doubling: from 20 to 25 labels a fifth of 2 in 40 goes.
  assert.ok(Math.abs(outlook!.gain.mean - 0.05 * (1 - 20 / 25)) < 0.004, `${outlook!.gain.mean}`);
});

test('the learning curve of repeated splits: each split on what it held out, no guess, ranges of Nadeau and Bengio', async () => {
  const row: World['row'] = (_, __, ___, image) => called(true, image);
  const { folder, labels } = await runFolder({
    draws: 3,
    seeds: 1,
    images: 24,
    kind: 'subsample',
    repeated: true,
    row,
  });
  const labelOf = new Map(labels.map((label) => [label.image, label.class]));
  // Of the 8 images that each held out, named wrongly at each step; the last split walks one step more.
  const missed = [
    [6, 3, 1],
    [5, 4, 2],
    [4, 2, 1, 0],
  ];
  const steps = [
    [1, 2, 8],
    [1, 2, 8],
    [1, 2, 3, 8.5],
  ];
  const parts = missed.map((of, draw) => {
    const ids = labels.map(({ image }) => image).filter((image) => image % 3 === draw);
    const data = of.flatMap((wrong) =>
      ids.map((image, i) => (i < wrong ? 1 - labelOf.get(image)! : labelOf.get(image)!)),
    );
    return [
      [`ids.${draw}`, { shape: [ids.length], dtype: 'int32' as const, data: Int32Array.from(ids) }],
      [`steps.${draw}`, { shape: [of.length], dtype: 'float32' as const, data: Float32Array.from(steps[draw]!) }],
      [`called.${draw}`, { shape: [1, of.length, ids.length], dtype: 'int32' as const, data: Int32Array.from(data) }],
    ] as const;
  });
  await writeSafetensors(join(folder, 'predictions', 'curve-plain.safetensors'), Object.fromEntries(parts.flat()));
  const { points, outlook, checkImages } = (await evaluateRun(folder, labels)).curve!.plain!;
  assert.deepEqual([outlook, checkImages, points.map((point) => point.labels)], [null, 24, [1, 2, (8 + 8 + 8.5) / 3]]);
  const shares = [0, 1].map((step) => missed.map((of) => 1 - of[step]! / 8));
  shares.push(missed.map((of) => 1 - of.at(-1)! / 8));
  for (const [step, of] of shares.entries()) {
    const mean = (of[0]! + of[1]! + of[2]!) / 3;
    const squares = of.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2;
    // 8 test and 20 training images, Student's t of 2 degrees.
    const half = 4.302653 * Math.sqrt(squares * (1 / 3 + 8 / 20));
    const point = points[step]!;
    assert.ok(Math.abs(point.mean - mean) < 1e-9);
    assert.ok(Math.abs(point.ci[0] - Math.max(0, mean - half)) < 1e-5, `${step} ${point.ci[0]} ${mean - half}`);
  }
});
