import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';
import { AppError } from '../../../src/contract/errors.ts';
import { readRunJson, writeRunJson } from '../../../src/files/run-json.ts';
import { copyWhole, throwDiskFull, writeWhole } from '../../../src/files/whole.ts';

const folder = mkdtempSync(join(tmpdir(), 'acclimate-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

test('a write that fails in the middle leaves the file that was there, and nothing beside it', async () => {
  await writeWhole(at('kept'), ['the ', Buffer.from('old')]);
  function* failing() {
    yield 'the n';
    throw new RangeError('no more');
  }
  await assert.rejects(writeWhole(at('kept'), failing()), RangeError);
  assert.equal(text('kept'), 'the old');
  mkdirSync(at('taken'));
  await assert.rejects(writeWhole(at('taken'), ['x']));
  await assert.rejects(copyWhole(at('kept'), at('taken')));
  assert.deepEqual(readdirSync(folder).sort(), ['kept', 'taken']);
});

test('what is written or copied is its owner’s only, whatever it was copied from', async () => {
  writeFileSync(at('source'), 'bytes');
  chmodSync(at('source'), 0o444);
  await copyWhole(at('source'), at('copy'));
  await writeRunJson(at('run/new/choice.json'), { a: 1 });
  assert.equal(text('copy'), 'bytes');
  if (process.platform === 'win32') return;
  for (const name of ['copy', 'run/new/choice.json']) assert.equal(statSync(at(name)).mode & 0o777, 0o600, name);
  assert.equal(statSync(at('run/new')).mode & 0o777, 0o700);
});

test('a full disk has a code of its own; other errors stay what they are', () => {
  const system = (code: string): Error => Object.assign(new Error(code), { code });
  for (const code of ['ENOSPC', 'EDQUOT']) {
    assert.throws(
      () => throwDiskFull(system(code)),
      (error) => error instanceof AppError && error.code === 'disk.full',
    );
  }
  assert.throws(() => throwDiskFull(system('EACCES')), { code: 'EACCES' });
});

test('a file of a run that is missing, cut short or of another shape is told by name, without its path', async () => {
  const schema = z.object({ regime: z.string() });
  await writeRunJson(at('good.json'), { regime: 'probe' });
  assert.deepEqual(await readRunJson(at('good.json'), schema), { regime: 'probe' });
  writeFileSync(at('cut.json'), text('good.json').slice(0, 5));
  writeFileSync(at('other.json'), '{"regime":3}');
  for (const name of ['missing.json', 'cut.json', 'other.json']) {
    await assert.rejects(readRunJson(at(name), schema), (error) => {
      assert.ok(error instanceof AppError && error.code === 'job.run-folder');
      assert.equal(error.params['file'], name);
      return true;
    });
  }
});
