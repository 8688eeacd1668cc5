import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { parse } from 'csv-parse/sync';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { call, desk } from '../apply/desk.ts';

after(closeProjects);

type Desk = Awaited<ReturnType<typeof desk>>;

async function applied(t: TestContext, groups = 20): Promise<{ all: Desk; batch: number }> {
  const all = await desk(t, { images: 200, groups });
  all.engine.isUnlike = (id) => id === 7;
  const { batch } = await all.apply['apply.begin']({ ...all.seat, run: await all.run() }, call);
  await all.until(({ state }) => state === 'done');
  return { all, batch };
}

const plain = { format: 'plain', locale: 'en', anonymous: false } as const;

/** The whole of a file in the temporary folder, as a page fetches it. */
async function fetched({ exports }: Pick<Desk, 'exports'>, token: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const { bytes, total } = await exports['exports.read']({ token, at }, call);
    pieces.push(Buffer.from(bytes));
    at += bytes.length;
    if (at >= total) return Buffer.concat(pieces);
  }
}

test('every row says whether it was named, left undecided or reviewed', async (t) => {
  const { all, batch } = await applied(t);
  const { project, seat, apply, exports, folder } = all;
  await apply['apply.threshold']({ ...seat, batch, threshold: 0.9, class: 'Alpha' }, call);
  const images = project.db
    .prepare<[number], number>(`SELECT image FROM prediction WHERE batch = ? AND class = 0 LIMIT 2`)
    .pluck()
    .all(batch);
  await apply['apply.confirm']({ ...seat, batch, target: { images } }, call);
  const { toReview, named, reviewed } = await apply['apply.get']({ ...seat, batch }, call);
  const out = join(folder, '..', 'names.csv');
  const made = await exports['exports.make']({ ...seat, ...plain, what: 'predictions', batch, out }, call);
  const text = readFileSync(out, 'utf8');
  const [header, ...lines] = text.trimEnd().split('\n');
  assert.equal(
    header,
    'file,group,predicted,probability,second,p_second,decision,label,rater,note,model,run,unlike,distance',
  );
  assert.ok(lines.every((line) => line.endsWith(',no,0.500000') || line.endsWith(',yes,1.000007')));
  assert.equal(lines.filter((line) => line.endsWith(',yes,1.000007')).length, 1);
  assert.equal(lines.length, named);
  assert.equal(made.rows, named);
  const counts = (word: string): number => lines.filter((line) => line.split(',')[6] === word).length;
  assert.deepEqual(
    [counts('undecided'), counts('reviewed'), counts('named')],
    [toReview, reviewed, named - toReview - reviewed],
  );

  const sha256 = createHash('sha256').update(text).digest('hex');
  assert.equal(made.files[0]?.sha256, sha256);
  const last = project.db.prepare(`SELECT payload FROM audit WHERE kind = 'export' ORDER BY seq DESC`).pluck().get();
  assert.deepEqual((JSON.parse(String(last)) as { sha256: string[] }).sha256, [sha256]);
});

test('a spreadsheet of another language gets its separator and decimal sign, and a mark that says UTF-8', async (t) => {
  const { all, batch } = await applied(t);
  const made = await all.exports['exports.make'](
    { ...all.seat, what: 'predictions', batch, format: 'excel', locale: 'de', anonymous: false },
    call,
  );
  const { token, bytes } = made.files[0]!;
  const file = await fetched(all, token!);
  assert.equal(file.length, bytes);
  assert.deepEqual([...file.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const [header, first] = file.toString('utf8').slice(1).split('\n');
  assert.equal(header?.split(';').length, 14);
  assert.match(first?.split(';')[3] ?? '', /^0,\d{6}$/);
});

test('names of files and groups are replaced by numbers; which is which stands in a file of its own', async (t) => {
  const { all, batch } = await applied(t);
  const ask = { ...all.seat, ...plain, what: 'predictions', batch, anonymous: true } as const;
  const { files } = await all.exports['exports.make'](ask, call);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['predictions.csv', 'predictions-key.csv'],
  );
  const [table, key] = await Promise.all(files.map(async ({ token }) => (await fetched(all, token!)).toString('utf8')));
  assert.doesNotMatch(table!, /\.png|P\d/);
  const names = new Map(
    key!
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',') as [string, string]),
  );
  const [, first] = table!.split('\n');
  const [file, group] = first!.split(',');
  const row = all.project.db
    .prepare(`SELECT image_group.name FROM image JOIN image_group ON image_group.id = group_id WHERE file = ?`)
    .pluck();
  assert.equal(row.get(names.get(file!)), names.get(group!));
});

test('a note cannot become a formula; nothing is written among the images; a blind rater gets nothing', async (t) => {
  const { project, folder, seat, labels, exports } = await desk(t, { images: 200 });
  await labels['labels.note']({ ...seat, image: 1, text: '=HYPERLINK("http://x")' }, call);
  const ask = { ...seat, ...plain, what: 'labels' } as const;
  const out = join(folder, '..', 'labels.csv');
  await exports['exports.make']({ ...ask, out }, call);
  assert.ok(readFileSync(out, 'utf8').includes(`"'=HYPERLINK(""http://x"")"`));
  const inside = join(folder, '..', 'images', 'labels.csv');
  await assert.rejects(exports['exports.make']({ ...ask, out: inside }, call), { code: 'export.insideImages' });
  assert.ok(!existsSync(inside));
  project.db.exec(`INSERT INTO blind_session (rater, other, started_at) VALUES ('ana', 'imported', '2026')`);
  await assert.rejects(exports['exports.make'](ask, call), { code: 'second.blind' });
  await assert.rejects(exports['exports.read']({ token: 'x'.repeat(32), at: 0 }, call), { code: 'export.gone' });
});

test('anybody can recompute the chain of the audit log from its table', async (t) => {
  const { seat, exports, project } = await desk(t, { images: 200 });
  const { files } = await exports['exports.make']({ ...seat, ...plain, what: 'audit', anonymous: true }, call);
  assert.equal(files.length, 1, 'no key where there are no names');
  const text = (await fetched({ exports }, files[0]!.token!)).toString('utf8');
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  let previous = '';
  for (const row of rows) {
    const entry = JSON.stringify([Number(row['seq']), row['time'], row['kind'], row['payload'], previous]);
    assert.equal(row['hash'], createHash('sha256').update(entry).digest('hex'));
    previous = row['hash']!;
  }
  const [last] = project.db.prepare<[], string>(`SELECT kind FROM audit ORDER BY seq DESC`).pluck().all();
  assert.deepEqual([rows.length > 1, last], [true, 'export']);
});
