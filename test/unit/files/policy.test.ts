import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AppError } from '../../../src/contract/errors.ts';
import { readPolicy } from '../../../src/files/policy.ts';

describe('the policy of a computer', () => {
  let folder: string;
  // A place of its own for the administrator's file, whatever this computer has.
  const named = (path: string): ReturnType<typeof readPolicy> =>
    readPolicy({ ProgramData: folder, ACCLIMATE_POLICY: path }, 'win32');
  const file = (): string => join(folder, 'policy.json');
  const read = (text: string): ReturnType<typeof readPolicy> => {
    writeFileSync(file(), text);
    return named(file());
  };

  before(() => (folder = mkdtempSync(join(tmpdir(), 'acclimate-policy-'))));
  after(() => rmSync(folder, { recursive: true }));

  test('nothing is fixed without a file', () => {
    const none = { serve: true, imagesInReports: true };
    assert.deepEqual(named(join(folder, 'none.json')), none);
  });

  test('what the file fixes holds', () => {
    assert.deepEqual(read('{"serve": false, "projectRoot": "/data/projects"}'), {
      serve: false,
      projectRoot: '/data/projects',
      imagesInReports: true,
    });
  });

  test('a file that is not understood starts nothing, and says why and where', () => {
    for (const [text, why] of [
      ['{"serve": "no"}', /serve/],
      ['{"server": false}', /server/],
      ['serve: false', /no JSON/],
      ['', /no JSON/],
    ] as const) {
      assert.throws(
        () => read(text),
        (error) => {
          assert(error instanceof AppError && error.code === 'policy.broken');
          assert.match(error.message, why);
          assert(error.toShape().action.includes(file()));
          return true;
        },
      );
    }
    mkdirSync(join(folder, 'folder.json'));
    assert.throws(() => named(join(folder, 'folder.json')), /EISDIR/);
  });

  test('the administrator’s file stands above one that is named', () => {
    const ProgramData = join(folder, 'ProgramData');
    mkdirSync(join(ProgramData, 'Acclimate'), { recursive: true });
    writeFileSync(join(ProgramData, 'Acclimate', 'policy.json'), '{"serve": false}');
    writeFileSync(file(), '{"serve": true}');
    assert.equal(readPolicy({ ProgramData, ACCLIMATE_POLICY: file() }, 'win32').serve, false);
    assert.equal(readPolicy({ ProgramData: folder, ACCLIMATE_POLICY: file() }, 'win32').serve, true);
  });
});
