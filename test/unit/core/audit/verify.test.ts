import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { AuditProblem } from '../../../../src/contract/audit.ts';
import type { Project } from '../../../../src/core/db/open.ts';
import { backUp } from '../../../../src/core/db/backup.ts';
import { appendAudit, canonicalJson, entryHash, headKey, type AuditRow } from '../../../../src/core/audit/log.ts';
import { verifyAudit } from '../../../../src/core/audit/verify.ts';
import { insertRun } from '../../../../src/core/runs/rows.ts';
import { writeSetting } from '../../../../src/core/library/paths.ts';
import { setLabels, setNote } from '../../../../src/core/labels/labels.ts';
import { wordsOf } from '../../../../src/core/words.ts';
import { undo } from '../../../../src/core/labels/undo.ts';
import { importInto, picture, places, put } from '../library-tools.ts';

async function labelledProject(t: TestContext): Promise<Project> {
  const where = places(t);
  for (let i = 0; i < 6; i++) put(where.images, `${i % 2 ? 'a' : 'b'}/i${i}.png`, picture(i));
  const { project } = await importInto(t, where);
  setLabels(project.db, 'ana', [1, 2], { class: 'x' });
  setNote(project.db, 'ana', 1, 'odd');
  undo(project.db, 'ana');
  return project;
}

const sentences = (problems: readonly AuditProblem[]): string => problems.map(({ sentence }) => sentence).join('\n');

/** What someone with a database editor can do. */
function tamper({ db }: Project, sql: string): void {
  for (const name of ['label_event_kept', 'label_event_fixed', 'audit_kept', 'audit_fixed']) {
    db.exec(`DROP TRIGGER IF EXISTS ${name}`);
  }
  db.pragma('foreign_keys = OFF');
  db.exec(sql);
}

test('canonical JSON has one form', () => {
  assert.equal(canonicalJson({ b: 1, a: [{ d: null, c: 'ü' }], x: undefined }), '{"a":[{"c":"ü","d":null}],"b":1}');
  // In order already, not quite, and keys that look like numbers, which objects keep in an order of their own.
  assert.equal(canonicalJson([{ a: 1, b: undefined, c: [{ d: 2 }] }]), '[{"a":1,"c":[{"d":2}]}]');
  assert.equal(canonicalJson({ a: { d: 1, c: 2 }, b: 3 }), '{"a":{"c":2,"d":1},"b":3}');
  assert.equal(canonicalJson({ 9: 'nine', 10: 'ten' }), '{"10":"ten","9":"nine"}');
});

test('an untouched project verifies', async (t) => {
  const project = await labelledProject(t);
  const { ok, entries, head, problems } = verifyAudit(project);
  assert.deepEqual([ok, problems], [true, []]);
  assert.equal(entries, Number(project.db.prepare(`SELECT count(*) FROM audit`).pluck().get()));
  assert.match(head, /^[0-9a-f]{64}$/);
  assert.throws(() => project.db.exec(`DELETE FROM audit`), /append-only/);
});

const attacks: Record<string, { sql: string; says: RegExp }> = {
  'a changed label event': {
    sql: `UPDATE label_event SET class = 'y' WHERE rater = 'ana'`,
    says: /labels of entry \d+ .* not those/,
  },
  'a changed label': {
    sql: `UPDATE label SET class = 'b' WHERE image = 1 AND rater = 'imported'`,
    says: /label of image 1/,
  },
  'a removed label': { sql: `DELETE FROM label WHERE image = 2`, says: /label of image 2/ },
  'an invented note': { sql: `INSERT INTO note VALUES (3, 'bo', 'hm', 1)`, says: /note of image 3/ },
  'events that vanished': {
    sql: `DELETE FROM label_event WHERE rater = 'ana' AND kind = 'note'`,
    says: /labels of entry/,
  },
  'a batch without entry': {
    sql: `INSERT INTO label_batch (time, rater, kind) VALUES ('2026-01-01T00:00:00.000Z', 'eve', 'set')`,
    says: /2026-01-01.* no entry/,
  },
  'another rater in a batch': {
    sql: `UPDATE label_batch SET rater = 'eve' WHERE rater = 'ana'`,
    says: /labels of entry/,
  },
  'a changed entry': { sql: `UPDATE audit SET payload = '{}' WHERE seq = 2`, says: /^Entry 2 .* was changed/ },
  'a removed entry': { sql: `DELETE FROM audit WHERE seq = 2`, says: /^Entry 2 is missing/ },
  'a changed time': {
    sql: `UPDATE audit SET time = '2020-01-01T00:00:00.000Z' WHERE seq = 3`,
    says: /^Entry 3 .* was changed/,
  },
  'a run from nowhere': {
    sql: `INSERT INTO run (id, kind, state, created_at) VALUES ('r9', 'adapt', 'finished', '2026-01-01')`,
    says: /Run r9/,
  },
};
for (const [what, { sql, says }] of Object.entries(attacks)) {
  test(`${what} is found`, async (t) => {
    const project = await labelledProject(t);
    tamper(project, sql);
    const { ok, problems } = verifyAudit(project);
    assert.ok(!ok);
    assert.ok(
      problems.some(({ sentence }) => says.test(sentence)),
      sentences(problems),
    );
    // The sentence names what the problem tells, whole, in every language.
    for (const { code, named } of problems) {
      const values = Object.entries(named).map(([name, value]) => [name, `<${name} ${value}>`] as const);
      for (const words of [wordsOf('en'), wordsOf('de')]) {
        const sentence = words.t(`settings.audit.problem.${code}`, Object.fromEntries(values));
        for (const [, value] of values) assert.ok(sentence.includes(value), `${code} in ${words.locale}: ${sentence}`);
        assert.equal(sentence.match(/<\w+ /g)?.length ?? 0, values.length);
        assert.doesNotMatch(sentence, /[{}]/);
      }
    }
  });
}

test('a run that was removed, and one that got its number, are as the log tells', async (t) => {
  const project = await labelledProject(t);
  const { db } = project;
  const begin = (kind: 'adapt' | 'embed'): void => {
    const options = { project: project.folder };
    insertRun(db, { id: 'r1', kind, createdAt: '2026', summary: '', options, notes: [], split: 1 });
  };
  begin('adapt');
  db.exec(`DELETE FROM run`);
  assert.match(sentences(verifyAudit(project).problems), /Run r1 is in the log/);
  appendAudit(db, 'run', { run: 'r1', event: 'removed', rater: 'ana' });
  assert.deepEqual(verifyAudit(project).problems, []);
  begin('embed');
  assert.deepEqual(verifyAudit(project).problems, []);
});

test('a log cut short, or written anew, behind a backup is found by its stamp', async (t) => {
  const project = await labelledProject(t);
  await backUp(project.db, project.paths.backups);
  assert.ok(verifyAudit(project).ok);
  const last = project.db.prepare<[], AuditRow>(`SELECT * FROM audit ORDER BY seq DESC LIMIT 1`).get()!;
  const payload = JSON.parse(last.payload) as { batch: number };
  tamper(
    project,
    `DELETE FROM audit WHERE seq = ${last.seq}; DELETE FROM label_event WHERE batch = ${payload.batch};
     DELETE FROM label_batch WHERE id = ${payload.batch};
     INSERT INTO note SELECT image, rater, text, seq FROM label_event WHERE kind = 'note';`,
  );
  assert.match(sentences(verifyAudit(project).problems), /ends before entry/);

  const forged = { ...last, kind: 'import', payload: '{}' };
  const insert = `INSERT INTO audit (seq, time, kind, payload, previous, hash)
    VALUES (@seq, @time, @kind, @payload, @previous, @hash)`;
  const hash = entryHash(forged);
  project.db.prepare(insert).run({ ...forged, hash });
  writeSetting(project.db, headKey, { entries: forged.seq, head: hash });
  const { problems } = verifyAudit(project);
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.sentence, /differs from the one in the backup/);
});
