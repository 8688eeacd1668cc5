import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { rankingSchema } from '../../../src/contract/episodes.ts';
import { librarySummarySchema } from '../../../src/contract/library.ts';
import { resultsSchema } from '../../../src/contract/results.ts';
import { acclimate, shown, start } from './terminal.ts';

const PER_CLASS = 40;
const tiny = ['--size', '32', '--draws', '2', '--shots', '2', '--seeds', '1', '--regime', 'probe'];

interface Made {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

/** Two classes that differ in colour, with some noise to tell the images apart. */
async function drawImages(folder: string): Promise<void> {
  for (const [index, name] of ['warm', 'cold'].entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let image = 0; image < PER_CLASS; image += 1) {
      const pixels = Uint8Array.from(
        { length: 32 * 32 * 3 },
        (_, at) => ((at % 3 === index * 2 ? 150 : 60) + ((at * 7919 + image * 104729) % 83)) & 255,
      );
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
        .png()
        .toFile(join(folder, name, `${image}.png`));
    }
  }
}

describe('from a folder to a result in a terminal', { timeout: 300_000 }, () => {
  let folder: string;
  let project: string;
  let run: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acclimate-cli-'));
    project = join(folder, 'project');
    await drawImages(join(folder, 'images'));
    await mkdir(join(folder, 'empty'));
  });
  after(() => rm(folder, { recursive: true }));

  test('import prints one JSON object, with progress on standard error', async () => {
    const { status, out } = await acclimate('import', join(folder, 'images'), '--project', project, '--json');
    assert.equal(status, 0);
    const summary = librarySummarySchema.parse(JSON.parse(out));
    assert.equal(summary.images, 2 * PER_CLASS);
  });

  test('a folder that is missing or empty, and a project that is not there, are wrong use in one sentence', async () => {
    const cases = [
      [['import', join(folder, 'nothing'), '--project', join(folder, 'p')], 'folder.missing'],
      [['import', join(folder, 'empty'), '--project', join(folder, 'p')], 'folder.empty'],
      [['import', join(folder, 'images'), '--project', join(folder, 'images', 'p')], 'project.insideImages'],
    ] as const;
    for (const [args, code] of cases) {
      const { status, out, err } = await acclimate(...args);
      assert.equal(status, 2);
      assert.equal(out, '');
      assert.match(err, new RegExp(`\\[${code}\\]\\n$`));
      assert.doesNotMatch(err, /^\s+at /m, 'a stack trace');
    }
  });

  test('Ctrl-C pauses a run at a saved point; meanwhile another process may look, not work; cancel gives it up', async () => {
    const running = start('run', project, ...tiny, '--epochs', '500', '--json');
    await shown(running, 'Learn from your images');
    const second = await acclimate('run', project, ...tiny, '--epochs', '0', '--json');
    assert.equal(second.status, 1);
    assert.equal((JSON.parse(second.out) as { error: { code: string } }).error.code, 'project.locked');
    const listed = await acclimate('runs', project, '--json');
    assert.equal(listed.status, 0);

    running.child.kill('SIGINT');
    const paused = await running.ended;
    assert.equal(paused.status, 1);
    assert.match(paused.err, /Pausing at the next safe point/);
    const end = JSON.parse(paused.out) as { run: string; outcome: string };
    assert.equal(end.outcome, 'paused');

    const cancelled = await acclimate('cancel', project, '--json');
    assert.equal(cancelled.status, 0);
    assert.equal((JSON.parse(cancelled.out) as { state: string }).state, 'cancelled');
  });

  test('a run ends with a comparison that results shows again, and predict names every image', async () => {
    const ran = await acclimate('run', project, ...tiny, '--epochs', '0', '--json');
    assert.equal(ran.status, 0, ran.err);
    const { results, ...of } = JSON.parse(ran.out) as { run: string; results: unknown };
    ({ run } = of);
    const shownAgain = await acclimate('results', project, '--json');
    assert.deepEqual(resultsSchema.parse(JSON.parse(shownAgain.out)), resultsSchema.parse(results));
    assert.match((await acclimate('results', project)).out, /Named correctly, of 100/);

    const csv = join(folder, 'names.csv');
    const predicted = await acclimate('predict', project, '--run', run, '--out', csv, '--json');
    assert.equal(predicted.status, 0, predicted.err);
    assert.equal((await readFile(csv, 'utf8')).trimEnd().split('\n').length, 1 + 2 * PER_CLASS);
  });

  test('an exported model names the images of another project as here; changed, or among the images, it is refused', async () => {
    const exported = await acclimate('export', project, '--run', run, '--to', join(folder, 'out'), '--json');
    assert.equal(exported.status, 0, exported.err);
    const [made] = (JSON.parse(exported.out) as { exports: Made[] }).exports;
    assert.ok(made);
    for (const { name, sha256 } of made.files) {
      const content: Buffer = await readFile(join(made.folder, name));
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256, name);
    }
    const [card, snippet] = await Promise.all(
      ['model-card.md', 'predict.py'].map((name) => readFile(join(made.folder, name), 'utf8')),
    );
    assert.ok(card?.includes(snippet!.trimEnd()) && card.includes(made.files[0]!.sha256));

    const other = join(folder, 'other-project');
    await acclimate('import', join(folder, 'images', 'warm'), '--project', other);
    const [model, csv] = [join(made.folder, 'model.onnx'), join(folder, 'other-names.csv')];
    const named = await acclimate('predict', other, '--model', model, '--out', csv);
    assert.equal(named.status, 0, named.err);
    const rows = async (file: string) =>
      (await readFile(file, 'utf8')).trimEnd().split('\n').slice(1).map((line) => line.split(',')); // prettier-ignore
    const here = new Map((await rows(join(folder, 'names.csv'))).map((row) => [row[0], row]));
    const there = await rows(csv);
    assert.equal(there.length, PER_CLASS);
    for (const [file, , called, probability] of there) {
      const same = here.get(`warm/${file}`);
      assert.equal(called, same?.[2]);
      assert.ok(Math.abs(Number(probability) - Number(same?.[3])) <= 2e-6);
    }
    const bytes = await readFile(model);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    await writeFile(model, bytes);
    const refused = await acclimate('predict', other, '--model', model, '--out', csv);
    assert.equal(refused.status, 2);
    assert.match(refused.err, /\[model\.damaged\]\n$/);
    const inside = await acclimate('export', project, '--run', run, '--to', join(folder, 'images', 'out'));
    assert.match(inside.err, /\[export\.insideImages\]/);
    assert.deepEqual((await readdir(join(folder, 'images'))).sort(), ['cold', 'warm']);
    const audit = await acclimate('audit', 'verify', project, '--json');
    assert.equal((JSON.parse(audit.out) as { ok: boolean }).ok, true);
  });

  test('rank solves small tasks with a starting model and an adapted one, and leaves nothing behind', async () => {
    const [{ id } = { id: '' }] = (
      JSON.parse((await acclimate('runs', project, '--json')).out) as { runs: { id: string }[] }
    ).runs;
    const shape = ['--way', '2', '--shots', '2', '--episodes', '4', '--size', '32', '--json'];
    const ranked = await acclimate('rank', project, '--backbones', 'efficientnet-lite0', '--runs', id, ...shape);
    assert.equal(ranked.status, 0, ranked.err);
    const { candidates } = rankingSchema.parse(JSON.parse(ranked.out));
    assert.deepEqual(candidates.map(({ name }) => name).sort(), ['efficientnet-lite0', `run ${id}`].sort());
    // After no pass the adapted model is the starting model, and the tasks are the same.
    assert.deepEqual(candidates[0]?.scores, candidates[1]?.scores);
    assert.ok(candidates[0]?.scores.every(({ mean, ci }) => mean > 0.8 && ci[0] <= mean && mean <= ci[1]));
    const [looked] = /(?<=^Embed +)\d+(?= %)/m.exec(ranked.err) ?? [];
    assert.ok(Number(looked) < 50, `the tasks of the first of two are still to come: ${ranked.err}`);
    assert.deepEqual(await readdir(join(project, 'tmp')), []);
    const few = await acclimate('rank', project, '--way', '3', '--size', '32');
    assert.match(few.err, /\[rank\.few\]/);
  });

  test('compare runs what is not there yet, shares the adaptation, and says why a cell cannot be', async () => {
    const grid = join(folder, 'grid.json');
    const out = join(folder, 'table');
    const options = { size: 32, draws: 2, seeds: 1, regime: 'probe', epochs: 0 };
    const runs = async () => {
      const listed = await acclimate('runs', project, '--json');
      return (JSON.parse(listed.out) as { runs: { id: string; kind: string }[] }).runs;
    };
    const before = await runs();
    await writeFile(grid, JSON.stringify({ ...options, shots: [2, 3, 500] }));
    const compared = await acclimate('compare', project, '--grid', grid, '--out', out, '--json');
    assert.equal(compared.status, 1, 'a cell has no results');
    const { cells } = JSON.parse(compared.out) as { cells: { state: string; run: string; error: string | null }[] };
    assert.deepEqual(
      cells.map(({ state }) => state),
      ['finished', 'finished', 'failed'],
    );
    assert.match(cells[2]?.error ?? '', /500/);
    const after = await runs();
    assert.ok(
      before.some(({ id }) => id === cells[0]?.run),
      'the first cell was there already',
    );
    assert.deepEqual(
      after.filter(({ id }) => !before.some((run) => run.id === id)).map(({ id, kind }) => [id, kind]),
      [[cells[1]?.run, 'finetune']],
    );
    assert.equal((await readFile(join(out, 'table.csv'), 'utf8')).trimEnd().split('\n').length, 4);
    assert.match(await readFile(join(out, 'table.md'), 'utf8'), /^\| .*\bshots\b.*\| difference \(95 % range\) \|/);

    const { epochs, ...others } = options;
    await writeFile(
      grid,
      JSON.stringify([
        { ...options, shots: [3, 2] },
        { epochs, fraction: 0.1, ...others },
      ]),
    );
    const again = await acclimate('compare', project, '--grid', grid, '--out', out, '--json');
    assert.equal(again.status, 0, again.err);
    const fresh = (await runs()).filter(({ id }) => !after.some((run) => run.id === id));
    assert.deepEqual(
      fresh.map(({ kind }) => kind),
      ['finetune'],
      'of numbers of labels nothing was computed again; the share of them is a cell of its own',
    );
    assert.match(
      (await acclimate('results', project, '--run', String(fresh[0]?.id))).out,
      /10 % of the labels of each class \([23](?: to 3)? labels\), 2 label draws/,
    );
    assert.match(
      await readFile(join(out, 'table.md'), 'utf8'),
      /\| shots \| fraction \|[^]*\| 2 \| {2}\|[^]*\| {2}\| 0\.1 \|/,
    );

    await writeFile(grid, JSON.stringify({ ...options, shot: 2 }));
    const wrong = await acclimate('compare', project, '--grid', grid, '--out', out);
    assert.equal(wrong.status, 2);
    assert.match(wrong.err, /"shot".*\[usage\.badValue\]/s);
  });
});
