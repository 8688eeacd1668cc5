import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLabelTable } from '../../../src/core/library/label-file.ts';
import { FileMatcher, understandColumns } from '../../../src/core/library/columns.ts';
import { groupPattern } from '../../../src/core/library/group-pattern.ts';
import { folderClasses, guessLayout } from '../../../src/core/library/layout.ts';
import { save, scratch } from '../images/files.ts';
import { failsWith, importInto, picture, places, put } from './library-tools.ts';

test('comma, semicolon and tab, marks, quotes, and lists of class numbers', (t) => {
  const folder = scratch(t);
  const table = (text: string | Buffer) => readLabelTable(save(folder, 'labels.csv', text));
  const rows = [
    { file: 'a.png', label: 'big, "red"' },
    { file: 'b.png', label: 'small' },
  ];
  assert.deepEqual(table('\ufefffile,label\r\na.png,"big, ""red"""\r\nb.png,small\r\n').rows, rows);
  assert.deepEqual(table('file;label\na.png;"big, ""red"""\n\nb.png;small').rows, rows);
  assert.deepEqual(table('file\tlabel\na.png\t"big, ""red"""\nb.png\tsmall\n').rows, rows);
  assert.deepEqual(table("file,label\na.png,'=1+1\n").rows[0]?.['label'], '=1+1', 'the guard of an export is undone');
  assert.equal(table(Buffer.from('file;label\na.png;M\xfcller\n', 'latin1')).rows[0]?.['label'], 'Müller');
  assert.deepEqual(table('dir/a b.png 3\nc.png\t0\n').rows, [
    { file: 'dir/a b.png', label: '3' },
    { file: 'c.png', label: '0' },
  ]);
  save(folder, 'classes.txt', '0 zero\n3 three kinds\n');
  assert.equal(table('a.png 3\n').rows[0]?.['label'], 'three kinds');
});

test('a broken table is told with its line', (t) => {
  const folder = scratch(t);
  const failing = (text: string) => () => readLabelTable(save(folder, 'l.csv', text));
  assert.throws(failing(''), failsWith('labels.fileUnreadable'));
  assert.throws(failing('file,label\na.png,"never closed\n'), failsWith('labels.fileUnreadable'));
  assert.throws(failing('file,label\na.png,x,y,z\n'), /line 2/);
  assert.throws(failing('file,file\na.png,x\n'), failsWith('labels.fileUnreadable'));
  assert.throws(() => readLabelTable(join(folder, 'none.csv')), failsWith('labels.fileMissing'));
  assert.throws(() => readLabelTable(folder), failsWith('labels.fileUnreadable'));
});

test('columns are guessed from names and values', () => {
  const context = { file: 'l.csv', folder: 'images' };
  const matcher = new FileMatcher(['x/a.png', 'x/b.png', 'y/b.png', 'c.png']);
  assert.equal(matcher.find('x\\a.png'), 'x/a.png');
  assert.equal(matcher.find('/data/set/x/a.png'), 'x/a.png');
  assert.equal(matcher.find('a'), 'x/a.png');
  assert.equal(matcher.find('b.png'), null, 'a name that fits two images fits none');
  const table = {
    columns: ['nr', 'image_id', 'scanner', 'patient_id', 'finding', 'reader', 'age'],
    rows: ['a', 'c', 'a', 'c', 'x/b'].map((image_id, i) => ({
      nr: String(i),
      image_id,
      scanner: 'S1',
      patient_id: `P${i % 2}`,
      finding: i % 2 ? 'mild' : 'severe',
      reader: 'ana',
      age: '7.5',
    })),
  };
  assert.deepEqual(understandColumns(table, {}, matcher, context), {
    file: 'image_id',
    label: 'finding',
    rater: 'reader',
    groups: ['patient_id', 'scanner'],
  });
  assert.equal(understandColumns(table, { label: 'scanner' }, matcher, context).label, 'scanner');
  assert.throws(
    () => understandColumns(table, { label: 'colour' }, matcher, context),
    failsWith('labels.columnMissing'),
  );
  const strange = new FileMatcher(['q.png']);
  assert.throws(() => understandColumns(table, {}, strange, context), failsWith('labels.noFileColumn'));
});

test('group patterns', () => {
  const of = (pattern: string, file: string): string | null => groupPattern(pattern)(file);
  assert.equal(of('P{group}_*', 'x/P07_s2_0113.png'), '07');
  assert.equal(of('P{group}_*', 'x/Q07_s2.png'), null);
  assert.equal(of('*_s{group}_*', 'P07_s2_0113.png'), '2');
  assert.equal(of('{group}/*', 'slide1/x.png'), 'slide1');
  assert.equal(of('*/{group}/*', 'class/slide1/x.png'), 'slide1');
  assert.equal(of('{group}', 'a.b.png'), 'a.b');
  assert.equal(of('a+{group}(1)', 'a+7(1).png'), '7', 'other signs stand for themselves');
  for (const bad of ['P*', '{group}{group}', '*{group}', '{group}*']) {
    assert.throws(() => groupPattern(bad), failsWith('groups.pattern'), bad);
  }
});

test('classes are the first folders that say something', () => {
  const classOf = (files: string[]) => files.map(folderClasses(files));
  assert.deepEqual(classOf(['a/1.png', 'b/2.png', '3.png']), ['a', 'b', null]);
  assert.deepEqual(classOf(['set/train/a/1.png', 'set/test/b/2.png']), ['a', 'b']);
  assert.deepEqual(classOf(['wrap/a/s1/1.png', 'wrap/a/s2/1.png', 'wrap/b/s1/2.png']), ['a', 'a', 'b']);
  assert.deepEqual(classOf(['a/1.png', 'a/2.png']), ['a', 'a'], 'one class alone is a class');
  assert.deepEqual(classOf(['a/1.png', 'unlabelled/2.png']), ['a', null]);
  assert.equal(guessLayout(['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png']), 'class-per-folder');
  assert.equal(guessLayout(['1.png', '2.png', '3.png', 'x/4.png']), 'flat');
  assert.equal(guessLayout(Array.from({ length: 30 }, (_, i) => `patient${i}/1.png`)), 'flat');
});

test('a table with groups and raters becomes labels, groups and reports', async (t) => {
  const where = places(t);
  const lines = ['bild;patient;scanner;klasse;rater'];
  for (let i = 0; i < 48; i++) {
    put(where.images, `i${i}.png`, picture(3000 + i));
    const label = i % 2 ? 'ja' : 'nein';
    const patient = `P${i % 12}`;
    lines.push(`i${i}.png;${patient};S${i % 2};${label};ana`);
    if (i < 12) lines.push(`i${i}.png;${patient};S${i % 2};${i < 6 ? label : 'ja'};bo`);
  }
  lines.push('gone.png;P1;S1;ja;ana');
  const labels = join(where.images, '..', 'labels.csv');
  put(where.images, '../labels.csv', lines.join('\n'));
  const { project, summary } = await importInto(t, where, { labels });
  assert.equal(summary.groups.keepApart, 'patient');
  assert.deepEqual([summary.groups.count, summary.groups.check, summary.groups.reportBy], [12, 5, ['scanner']]);
  // Of images 6..11, ana and bo agree on the odd ones only; the other three are open disagreements.
  assert.equal(
    summary.classes.reduce((sum, { images }) => sum + images, 0),
    45,
  );
  assert.ok(summary.warnings.some((text) => text.includes('gone.png')));
  assert.ok(summary.warnings.includes('Every ja comes from scanner S1: it may be learning the scanner.'));
  const raters = project.db.prepare(`SELECT rater, count(*) AS n FROM label GROUP BY rater ORDER BY rater`).all();
  assert.deepEqual(raters, [
    { rater: 'ana', n: 48 },
    { rater: 'bo', n: 12 },
  ]);
});

test('wrong label files are told before images are read', async (t) => {
  const where = places(t);
  put(where.images, 'a.png', picture(1));
  const attempt = (text: string, more: Record<string, unknown>) => {
    put(where.images, '../l.csv', text);
    return importInto(t, where, { labels: join(where.images, '..', 'l.csv'), ...more });
  };
  await assert.rejects(attempt('file,label\nzzz.png,x\n', {}), failsWith('labels.noFileColumn'));
  await assert.rejects(
    attempt('file,label\na.png,x\n', { columns: { label: 'kind' } }),
    failsWith('labels.columnMissing'),
  );
  await assert.rejects(attempt('file,label\na.png,x\n', { groups: 'patient' }), failsWith('labels.columnMissing'));
  await assert.rejects(attempt('file,label\na.png,x\na.png,y\n', {}), failsWith('labels.conflict'));
});

test('a group pattern or column that cannot be used is told', async (t) => {
  const where = places(t);
  put(where.images, 'a.png', picture(1));
  await assert.rejects(importInto(t, where, { groups: 'patient' }), failsWith('groups.needLabelsFile'));
  await assert.rejects(importInto(t, where, { groups: 'P{group}_*' }), failsWith('groups.noMatch'));
});
