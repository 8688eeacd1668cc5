import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import sharp from 'sharp';
import type { Results } from '../../../../src/contract/results.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { verifyAudit } from '../../../../src/core/audit/verify.ts';
import { handlers as auditHandlers } from '../../../../src/core/audit/handlers.ts';
import { handlers as reportHandlers } from '../../../../src/core/report/handlers.ts';
import { call, desk } from '../apply/desk.ts';

after(closeProjects);

const reports = reportHandlers();
const hostile = `<img src=x onerror="alert(1)">`;
const validator = new HtmlValidate({
  extends: ['html-validate:standard'],
});

async function problems(text: string): Promise<string[]> {
  const { results } = await validator.validateString(text);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`),
  );
}

/** Every address in it, and every word that would fetch or run something. */
const reaching = (text: string): string[] =>
  [
    ...text.matchAll(
      /<script|<iframe|<link|<object|@import|url\((?!#)|(?<!xmlns(?::\w+)?=)"https?:|\ssrc="(?!data:)|\son\w+="/g,
    ),
  ].map(([found]) => found);

test('a report is one valid file that runs and fetches nothing, whatever classes are called', async (t) => {
  const all = await desk(t, { images: 200, classes: [hostile, '=cmd|x'], groups: 10 });
  const run = await all.run();
  const out = join(dirname(all.folder), 'report.html');
  for (const locale of ['en', 'de'] as const) {
    await reports['exports.report']({ ...all.seat, run, locale, withImages: false, out }, call);
    const text = readFileSync(out, 'utf8');
    assert.deepEqual(await problems(text), []);
    assert.deepEqual(reaching(text), []);
    assert.match(text, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src/);
    assert.ok(!text.includes('<img'), 'no picture, and no class that is one');
    assert.ok(text.includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'));
    assert.doesNotMatch(text, /image-\d+\.png|\bP\d\b/, 'no name of a file or group');
  }
});

test('it says what the page says, is stamped, and the trail tells of it and of who saw results', async (t) => {
  const all = await desk(t, { images: 200 });
  const run = await all.run();
  const { files } = await reports['exports.report']({ ...all.seat, run, locale: 'en', withImages: false }, call);
  const { bytes } = await all.exports['exports.read']({ token: files[0]!.token!, at: 0 }, call);
  const text = Buffer.from(bytes).toString('utf8');
  assert.equal(files[0]?.sha256, createHash('sha256').update(bytes).digest('hex'));

  const { counts } = await all.results['results.confusion']({ project: all.seat.project, run, arm: 'plain' }, call);
  const { arms } = await all.results['results.get']({ project: all.seat.project, run }, call);
  const [low, high] = arms.plain.accuracy.ci.map((end) => Math.round(100 * end));
  assert.ok(text.includes(`${Math.round(100 * arms.plain.accuracy.mean)} (${low}–${high})`));
  const trust = await all.results['results.trust']({ project: all.seat.project, run, arm: 'plain' }, call);
  const [bin] = trust.bins.before ?? [];
  assert.ok(text.includes(`<td>${Math.round(100 * bin!.mean)}% (`), 'a point of the reliability diagram');
  const row = counts[0]!.reduce((sum, n) => sum + n, 0);
  assert.ok(text.includes(`${counts[0]![0]} of ${row} <span`));

  const { db } = all.project;
  const [, entries, head] = /name="acclimate-audit" content="(\d+) (\w+)"/.exec(text) ?? [];
  assert.equal(db.prepare(`SELECT hash FROM audit WHERE seq = ?`).pluck().get(Number(entries)), head);
  const kinds = db.prepare(`SELECT kind FROM audit WHERE seq > ? ORDER BY seq`).pluck().all(Number(entries));
  assert.deepEqual(kinds, ['seen', 'export']);
  assert.ok(verifyAudit(all.project).ok);
});

test('which group goes wrong is told by number, worst first, and by name only where names were chosen', async (t) => {
  const all = await desk(t, { images: 200, groups: 20 });
  const { db } = all.project;
  const report = db.prepare(`INSERT INTO report_group (image, column_name, value) VALUES (?, 'scanner', ?)`);
  for (let image = 1; image <= 200; image++) report.run(image, image % 3 === 0 ? '<b>Leica' : 'Zeiss');
  const run = await all.run();
  // Pictures cannot be read here, but names were chosen all the same.
  const made = async (withImages: boolean, locale: 'en' | 'de' = 'en'): Promise<string> => {
    const { files } = await reports['exports.report']({ ...all.seat, run, locale, withImages }, call);
    const { bytes } = await all.exports['exports.read']({ token: files[0]!.token!, at: 0 }, call);
    return Buffer.from(bytes).toString('utf8');
  };
  const of = { project: all.seat.project, run };
  const { chosen: arm } = await all.results['results.context'](of, call);
  const { tables, held } = await all.results['results.groups']({ ...of, arm }, call);
  assert.equal(held.length, 1);
  for (const locale of ['en', 'de'] as const) {
    const text = await made(false, locale);
    assert.doesNotMatch(text, /Leica|Zeiss|\bP\d+\b/);
    assert.deepEqual(await problems(text), []);
    assert.deepEqual(reaching(text), []);
  }
  const rowsOf = (text: string, title: string): string[] =>
    new RegExp(`${title}.*?<tbody>(.*?)</tbody>`, 's').exec(text)![1]!.match(/<tr>.*?<\/tr>/gs)!;
  const [numbered, named] = [await made(false), await made(true)];
  for (const [at, { value, hits, images }] of tables[0]!.rows.entries()) {
    const told = new RegExp(`<th scope="row"><bdi>(.*?)</bdi></th>.*?>${hits} of ${images} <`, 's');
    assert.equal(told.exec(rowsOf(numbered, 'By patient:')[at]!)?.[1], `no. ${at + 1}`);
    assert.equal(told.exec(rowsOf(named, 'By patient:')[at]!)?.[1], value);
  }
  assert.ok(named.includes('<bdi>&lt;b&gt;Leica</bdi>'));
  // A scanner has one number, in the table of check images and in that of models which never saw it.
  const worst = tables[1]!.rows[0]!.value;
  const heldRow = held[0]!.rows.findIndex(({ value }) => value === worst);
  assert.ok(rowsOf(numbered, 'Would it do on a new scanner')[heldRow]!.includes('no. 1<'));
});

test('what more labels would buy is said as on the page, drawn and listed; without a curve, why', async (t) => {
  const all = await desk(t, { images: 200 });
  const run = await all.run();
  const file = join(all.project.paths.runs, run, 'scores.json');
  const scores = JSON.parse(readFileSync(file, 'utf8')) as Results;
  const points = [2, 5, 9.5].map((labels) => {
    const mean = 1 - 1 / (labels + 1);
    return { labels, mean, ci: [mean - 0.05, mean + 0.05] as [number, number] };
  });
  const line = [10, 15].map((labels) => ({ labels, mean: 1 - 1 / (labels + 1) }));
  const outlook = { labels: 5, gain: { mean: 0.028, ci: [-0.011, 0.06] as [number, number] }, line };
  writeFileSync(
    file,
    JSON.stringify({ ...scores, curve: { adapted: { points, outlook, checkImages: 40 }, plain: null } }),
  );
  const made = async (locale: 'en' | 'de'): Promise<string> => {
    const { files } = await reports['exports.report']({ ...all.seat, run, locale, withImages: false }, call);
    const { bytes } = await all.exports['exports.read']({ token: files[0]!.token!, at: 0 }, call);
    return Buffer.from(bytes).toString('utf8');
  };
  const partOf = (text: string, title: string): string => text.split(`<h2>${title}</h2>`)[1]!.split('</section>')[0]!;
  const part = partOf(await made('en'), 'More labels?');
  assert.ok(part.includes('5 more labels per class would buy about +2.8 (−1.1 to +6.0).'));
  assert.equal(part.match(/<svg/g)?.length, 1);
  for (const row of ['67% (62–72)', '83% (78–88)', '90% (85–95)', '9.5'])
    assert.ok(part.includes(`<td>${row}</td>`), row);
  assert.ok(part.includes('there are no check images, or more labels'), 'the other model has no curve');
  const german = await made('de');
  assert.ok(partOf(german, 'Mehr Labels?').includes('5 weitere Labels je Klasse brächten etwa +2,8 (−1,1 bis +6,0).'));
  assert.deepEqual(await problems(german), []);
  assert.deepEqual(reaching(german), []);
});

test('a report that was changed, or that the log no longer tells of, is found by its stamp', async (t) => {
  const all = await desk(t, { images: 200 });
  const run = await all.run();
  const out = join(dirname(all.folder), 'report.html');
  await reports['exports.report']({ ...all.seat, run, locale: 'en', withImages: false, out }, call);
  const audit = auditHandlers();
  const verify = () => audit['audit.verify']({ project: all.seat.project, file: out }, call);
  assert.deepEqual((await verify()).problems, []);
  const text = readFileSync(out, 'utf8');
  writeFileSync(out, text.replace('helped', 'cured'));
  assert.match((await verify()).problems[0]!.sentence, /No entry tells of report\.html/);
  writeFileSync(out, text);
  all.project.db.exec(`DROP TRIGGER audit_kept; DELETE FROM audit WHERE kind IN ('seen', 'export')`);
  const found = (await verify()).problems;
  assert.deepEqual(
    found.slice(-2).map(({ code, named }) => [code, named['what'] ?? named['file']]),
    [
      ['exportCut', 'report'],
      ['fileUntold', 'report.html'],
    ],
  );
});

test('pictures and names are in it only where they were chosen, never where the policy forbids; never among images', async (t) => {
  const all = await desk(t, { images: 200 });
  const run = await all.run();
  const images = join(dirname(all.folder), 'images');
  mkdirSync(images);
  const pixels = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  for (let at = 0; at < 200; at++) writeFileSync(join(images, `image-${at}.png`), pixels);
  const ask = { ...all.seat, run, locale: 'en', withImages: true } as const;
  const out = join(dirname(all.folder), 'report.html');
  await reports['exports.report']({ ...ask, out }, call);
  const text = readFileSync(out, 'utf8');
  const pictures = text.match(/<img\s+src="data:image\/jpeg;base64,[\w+/=]+"\s+alt="image-\d+\.png"/g);
  assert.ok(pictures && pictures.length > 5 && pictures.length === text.match(/<img/g)?.length);
  assert.ok(text.includes('Images may show patient data'));
  assert.deepEqual(await problems(text), []);
  assert.deepEqual(reaching(text), []);
  const policy = join(dirname(all.folder), 'policy.json');
  writeFileSync(policy, JSON.stringify({ imagesInReports: false }));
  process.env['ACCLIMATE_POLICY'] = policy;
  t.after(() => delete process.env['ACCLIMATE_POLICY']);
  await assert.rejects(reports['exports.report']({ ...ask, out }, call), { code: 'report.noImages' });
  const inside = join(images, 'report.html');
  await assert.rejects(reports['exports.report']({ ...ask, withImages: false, out: inside }, call), {
    code: 'export.insideImages',
  });
  assert.ok(!existsSync(inside));
});
