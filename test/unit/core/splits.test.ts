import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import sharp from 'sharp';
import type { Manifest } from '../../../src/contract/run-files.ts';
import type { Project } from '../../../src/core/db/open.ts';
import { splitVersion } from '../../../src/core/splits/assign.ts';
import { checkLabels, Evaluation } from '../../../src/core/splits/check-labels.ts';
import { fractionDraws, repeatedDraws, shotsDraws, subsampleDraws, type Draw } from '../../../src/core/splits/draws.ts';
import { assertNoLeak } from '../../../src/core/splits/guard.ts';
import { drawOf, groupTarget, imageTarget, reserve } from '../../../src/core/splits/reserve.ts';
import {
  checkImages,
  manifestImages,
  repeatedSide,
  trainingSide,
  type TrainingLabel,
} from '../../../src/core/splits/sides.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { failsWith, fill, importInto, importOnce, picture, places, put } from './library-tools.ts';

interface Row {
  readonly id: number;
  readonly file: string;
  readonly role: string;
  readonly side: string;
  readonly group_id: number | null;
  readonly family: number | null;
}
const rowsOf = ({ db }: Project): Row[] =>
  db.prepare<[], Row>(`SELECT id, file, role, side, group_id, family FROM image WHERE state = 'ok' ORDER BY id`).all();

/** What must hold of every project at every time. */
function assertApart(project: Project): void {
  const rows = rowsOf(project);
  for (const key of ['group_id', 'family'] as const) {
    const members = Map.groupBy(
      rows.filter((row) => row[key] !== null),
      (row) => row[key],
    );
    for (const [value, group] of members) {
      const sides = new Set(group!.map(({ side }) => side));
      assert.ok(!(sides.has('check') && sides.has('training')), `${key} ${value} is on both sides`);
    }
  }
  assert.ok(rows.every(({ role, side }) => role === 'main' || side !== 'check'));
  assert.ok(rows.every(({ side }) => side !== null));
}

function manifestOf(project: Project): Manifest {
  const { classes, adapt, training } = trainingSide(project);
  return {
    version: 1,
    cacheFolder: project.paths.cache,
    images: manifestImages(project),
    classes,
    adapt: [...adapt],
    training: [...training],
    draws: subsampleDraws(training, classes, { draws: 2, seed: 0 }),
    check: checkImages(project, classes),
  };
}

test('how much is reserved', () => {
  assert.deepEqual([0, 1, 2, 4, 9, 10, 24, 25, 40].map(groupTarget), [0, 0, 1, 1, 2, 5, 5, 5, 8]);
  assert.deepEqual(
    [0, 1, 10, 59, 60, 100, 150, 1000, 10_000, 50_000].map(imageTarget),
    [0, 0, 5, 29, 30, 30, 30, 200, 2000, 2000],
  );
});

test('the draw is uniform, depends on seed and key, and a large family does not fill it', () => {
  const draws = Array.from({ length: 4000 }, (_, i) => drawOf(7, `key ${i}`));
  assert.ok(draws.every((draw) => draw >= 0 && draw < 1));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  assert.ok(Math.abs(mean - 0.5) < 3 * Math.sqrt(1 / 12 / 4000));
  const units = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, size: i < 3 ? 50 : 1 }));
  const chosen = reserve(units, 1, 0, 40);
  assert.equal(chosen.size, 40);
  assert.ok(['k0', 'k1', 'k2'].every((key) => !chosen.has(key)));
  assert.deepEqual(reserve(units.toReversed(), 1, 0, 40), chosen, 'the order of the list does not matter');
  assert.notDeepEqual(reserve(units, 2, 0, 40), chosen);
  assert.equal(reserve(units, 1, 40, 40).size, 0);
});

test('groups and duplicates stay on one side through many changing imports', async (t) => {
  const where = places(t);
  const random = generator(11, 'property');
  let seed = 10_000;
  const made: Buffer[] = [];
  const fixed = new Map<string, string>();
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 40; i++) {
      const isCopy = made.length > 0 && random.below(4) === 0;
      let bytes = isCopy ? made[random.below(made.length)]! : picture(seed++, 64);
      if (isCopy && random.below(2)) bytes = await sharp(bytes).jpeg({ quality: 80 }).toBuffer();
      if (!isCopy) made.push(bytes);
      const group = random.below(8) === 0 ? 'x' : `P${random.below(10 + round * 3)}_`;
      put(where.images, `${random.below(2) ? 'a' : 'b'}/${group}${round}${i}.png`, bytes);
    }
    for (let i = 0; i < 8; i++) {
      const bytes = random.below(3) === 0 ? made[random.below(made.length)]! : picture(seed++, 64);
      put(where.images, `../more/P${random.below(12)}_${round}${i}.png`, bytes);
    }
    const { project, summary } = await importInto(t, where, {
      groups: 'P{group}_*',
      unlabelled: [`${where.images}/../more`],
      seed: 5,
    });
    assertApart(project);
    assert.ok(summary.duplicates.exact > 0 && summary.duplicates.near > 0);
    for (const { file, role, side } of rowsOf(project)) {
      if (role !== 'main') continue;
      const before = fixed.get(file);
      if (before === 'check') assert.equal(side, 'check', `${file} was reserved`);
      else if (before !== undefined) assert.notEqual(side, 'check', `${file} was learned from`);
      fixed.set(file, side);
    }
    const check = new Set(
      rowsOf(project)
        .filter(({ side }) => side !== 'training')
        .map(({ id }) => id),
    );
    const { adapt, training, classes } = trainingSide(project);
    assert.ok([...adapt, ...training.map(({ image }) => image)].every((id) => !check.has(id)));
    assert.ok(checkImages(project, classes).length > 0);
    assertNoLeak(project, manifestOf(project));
    project.close();
  }
});

test('later images of a known group follow it; other groups bring the share up', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40, 10);
  const options = { groups: 'P{group}_*' };
  const first = await importOnce(t, where, options);
  assert.deepEqual([first.groups.count, first.groups.check], [10, 5]);
  for (let i = 0; i < 10; i++) put(where.images, `a/P${i}_later.png`, picture(7000 + i));
  for (let i = 10; i < 50; i++) put(where.images, `b/P${i}_new.png`, picture(7000 + i));
  const { project, summary } = await importInto(t, where, options);
  assert.deepEqual([summary.groups.count, summary.groups.check], [50, 10]);
  assertApart(project);
  assert.equal(splitVersion(project.db), 1);
});

test('changing what a group is draws the check side anew and says so', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40, 10);
  await importOnce(t, where);
  const { project } = await importInto(t, where, { groups: 'P{group}_*' });
  assert.equal(splitVersion(project.db), 2);
  assertApart(project);
});

test('an image whose group is corrected follows it, and older scores count no more', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40, 10);
  const lines = (await readdir(where.images, { recursive: true }))
    .filter((file) => file.endsWith('.png'))
    .map((file) => [file, /P\d/.exec(file)![0]] as [string, string]);
  const table = () => put(where.images, '../l.csv', ['file,patient', ...lines.map((line) => line.join())].join('\n'));
  table();
  const options = { labels: `${where.images}/../l.csv` };
  const before = await importInto(t, where, options);
  const sides = new Map(rowsOf(before.project).map(({ file, side }) => [file, side]));
  before.project.close();
  const sideOfGroup = new Map(lines.map(([file, group]) => [group, sides.get(file)!]));
  const [wrong] = lines.filter(([file]) => sides.get(file) === 'training');
  wrong![1] = [...sideOfGroup].find(([, side]) => side === 'check')![0];
  table();
  const { project } = await importInto(t, where, options);
  assertApart(project);
  assert.equal(splitVersion(project.db), 2);
  for (const { file, side } of rowsOf(project)) {
    assert.equal(side, file === wrong![0] ? 'check' : sides.get(file), file);
  }
});

test('with one group there is nothing to keep apart, and it is said', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40, 1);
  const { summary } = await importInto(t, where, { groups: 'P{group}_*' });
  assert.equal(summary.groups.count, 0);
  assert.equal(summary.check.images, 30);
  assert.ok(summary.warnings.some((text) => text.includes('not group-checked')));
});

test('a leaking split is caught', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 60, 12);
  for (let i = 0; i < 6; i++) put(where.images, `a/P${i}_copy.png`, picture(9000));
  const { project } = await importInto(t, where, { groups: 'P{group}_*' });
  const good = manifestOf(project);
  assertNoLeak(project, good);
  const rows = rowsOf(project);
  const check = rows.find(({ side }) => side === 'check')!;
  const copy = rows.find(({ side, family }) => side === 'excluded' && family !== null)!;
  assert.ok(copy, 'a copy of a check image in a training group is excluded');
  const leaks: Partial<Manifest>[] = [
    { adapt: [...good.adapt, check.id] },
    { adapt: [...good.adapt, copy.id] },
    { training: [...good.training, { image: check.id, class: 0, group: 0 }] },
    { draws: [{ train: [...good.draws[0]!.train, check.id] }] },
    { check: [...good.check, good.training[0]!.image] },
    { adapt: [...good.adapt, 123_456] },
  ];
  for (const leak of leaks) assert.throws(() => assertNoLeak(project, { ...good, ...leak }), failsWith('split.leak'));
  // A check image under another group's flag: the tables decide, not the manifest.
  project.db.prepare(`UPDATE image SET group_id = ? WHERE id = ?`).run(check.group_id, good.adapt[0]);
  assert.throws(() => assertNoLeak(project, good), failsWith('split.leak'));
});

test('check labels can be read once per evaluation, and each reading is in the log', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 60);
  const { project } = await importInto(t, where);
  const manifest = manifestOf(project);
  assert.ok(manifest.check.length === 30);
  const evaluation = Evaluation.of('r1');
  const labels = checkLabels(project, manifest, evaluation);
  assert.deepEqual(
    labels.map(({ image }) => image),
    manifest.check,
  );
  const truth = new Map(rowsOf(project).map(({ id, file }) => [id, file.startsWith('a') ? 0 : 1]));
  assert.ok(labels.every(({ image, class: index }) => truth.get(image) === index));
  assert.throws(() => checkLabels(project, manifest, evaluation), failsWith('split.leak'));
  assert.equal(project.db.prepare(`SELECT count(*) FROM audit WHERE kind = 'check'`).pluck().get(), 1);
});

const classes = [
  { id: 1, name: 'a' },
  { id: 2, name: 'b' },
  { id: 3, name: 'c' },
];
const labelsOf = (counts: readonly number[], groupSize = 1): TrainingLabel[] =>
  counts.flatMap((count, index) =>
    Array.from({ length: count }, (_, i) => ({
      image: index * 1000 + i,
      class: index,
      group: groupSize > 1 ? Math.floor(i / groupSize) : index * 1000 + i,
    })),
  );
const perClass = (ids: readonly number[]): number[] =>
  classes.map((_, index) => ids.filter((id) => Math.floor(id / 1000) === index).length);

test('shots: K per class, without repeats, another draw another sample, the same seed the same', () => {
  const training = labelsOf([40, 9, 25]);
  const draws = shotsDraws(training, classes, { shots: 5, draws: 10, seed: 3 });
  for (const { train } of draws) {
    assert.deepEqual(perClass(train), [5, 5, 5]);
    assert.equal(new Set(train).size, 15);
  }
  assert.equal(new Set(draws.map(({ train }) => train.join())).size, 10);
  assert.deepEqual(shotsDraws(training.toReversed(), classes, { shots: 5, draws: 10, seed: 3 }), draws);
  assert.notDeepEqual(shotsDraws(training, classes, { shots: 5, draws: 10, seed: 4 }), draws);
  assert.throws(
    () => shotsDraws(training, classes, { shots: 10, draws: 1, seed: 0 }),
    (error: unknown) => {
      failsWith('labels.few')(error);
      assert.equal((error as Error).message, 'b has 9 training labels; 10 are needed.');
      return true;
    },
  );
  const drawn = new Map<number, number>();
  for (const { train } of shotsDraws(training, classes, { shots: 5, draws: 400, seed: 1 })) {
    for (const id of train) drawn.set(id, (drawn.get(id) ?? 0) + 1);
  }
  // Each of the 40 images of class a is drawn 400 × 5/40 = 50 times, give or take.
  for (let id = 0; id < 40; id++) assert.ok(Math.abs((drawn.get(id) ?? 0) - 50) < 30, `${id}: ${drawn.get(id)}`);
});

test('fraction: a share of each class, at least one, nested in larger shares and numbers of the same seed', () => {
  const training = labelsOf([200, 60, 4]);
  const drawn = (fraction: number, seed = 3): Draw[] => fractionDraws(training, classes, { fraction, draws: 6, seed });
  assert.deepEqual(
    drawn(0.1).map(({ train }) => perClass(train)),
    Array(6).fill([20, 6, 1]),
  );
  assert.deepEqual(
    drawn(0.01).map(({ train }) => perClass(train)),
    Array(6).fill([2, 1, 1]),
  );
  const holds = (larger: Draw[], smaller: Draw[]): boolean =>
    smaller.every(({ train }, draw) => train.every((id) => larger[draw]?.train.includes(id)));
  assert.ok(holds(drawn(0.1), drawn(0.01)));
  assert.ok(!holds(drawn(0.1), drawn(0.01, 4)), 'another seed draws others');
  assert.ok(holds(shotsDraws(training, classes, { shots: 4, draws: 6, seed: 3 }), drawn(0.01)));
  assert.equal(new Set(drawn(0.1).map(({ train }) => train.join())).size, 6, 'draws differ');
  assert.throws(
    () => fractionDraws(labelsOf([4, 4, 0]), classes, { fraction: 0.5, draws: 1, seed: 0 }),
    failsWith('labels.few'),
  );
});

test('subsample: a stratified 80 %', () => {
  const draws = subsampleDraws(labelsOf([40, 10, 2]), classes, { draws: 5, seed: 0 });
  for (const { train } of draws) assert.deepEqual(perClass(train), [32, 8, 2]);
  assert.throws(() => subsampleDraws(labelsOf([40, 10, 1]), classes, { draws: 5, seed: 0 }), failsWith('labels.few'));
});

test('repeated: whole clusters are held out, every class stays in training', () => {
  const assertFair = (labels: TrainingLabel[], draws: Draw[]): void => {
    const groupOf = new Map(labels.map(({ image, group }) => [image, group]));
    for (const { train, score = [] } of draws) {
      assert.equal(train.length + score.length, labels.length);
      assert.ok(score.length > 0 && score.length <= labels.length / 2);
      assert.ok(perClass(train).every((count) => count > 0));
      const held = new Set(score.map((id) => groupOf.get(id)));
      assert.ok(train.every((id) => !held.has(groupOf.get(id))));
    }
    assert.ok(new Set(draws.map(({ score }) => score?.join())).size > 1);
  };
  const single = labelsOf([10, 8, 6]);
  assertFair(single, repeatedDraws(single, classes, { draws: 8, seed: 0 }));
  const grouped = labelsOf([12, 12, 12], 3);
  assertFair(grouped, repeatedDraws(grouped, classes, { draws: 8, seed: 0 }));
  const one = labelsOf([4, 4, 4], 100);
  assert.throws(() => repeatedDraws(one, classes, { draws: 2, seed: 0 }), failsWith('labels.noCheck'));
});

test('repeated: the adaptation leaves out labelled images and their copies', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 20);
  for (let i = 0; i < 30; i++) put(where.images, `unlabelled/u${i}.png`, picture(8000 + i));
  put(where.images, 'unlabelled/copy.png', picture(3));
  const { project } = await importInto(t, where);
  const { adapt, training, classes: names } = repeatedSide(project);
  assert.deepEqual([adapt.length, training.length], [30, 40]);
  const manifest: Manifest = {
    ...manifestOf(project),
    adapt: [...adapt],
    training: [...training],
    draws: repeatedDraws(training, names, { draws: 3, seed: 0 }),
    check: [],
  };
  assertNoLeak(project, manifest);
  assert.equal(
    checkLabels(project, manifest, Evaluation.of('r')).length,
    new Set(manifest.draws.flatMap(({ score }) => score!)).size,
  );
  const copy = rowsOf(project).find(({ file }) => file.endsWith('copy.png'))!;
  assert.throws(() => assertNoLeak(project, { ...manifest, adapt: [...adapt, copy.id] }), failsWith('split.leak'));
  const [draw] = manifest.draws;
  const swapped = [{ train: [...draw!.train, draw!.score![0]!], score: draw!.score! }];
  assert.throws(() => assertNoLeak(project, { ...manifest, draws: swapped }), failsWith('split.leak'));
});
