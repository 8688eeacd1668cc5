import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CoreCalls } from '../../../src/contract/core-calls.ts';
import { AppError } from '../../../src/contract/errors.ts';
import { ownSeat, type Seat } from '../../../src/contract/seat.ts';
import { seated } from '../../../src/core/seat.ts';
import type { CallContext, Handlers } from '../../../src/rpc/types.ts';

const code = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
    return 'answered';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

const id = 'a9c1f2b4-7c1d-4f5e-9a3b-0d1e2f3a4b5c';

describe('what a seat may claim and name', () => {
  let folder: string;
  let root: string;
  const handlers = seated({
    'labels.undo': () => Promise.resolve({}),
    'library.begin': () => Promise.resolve({}),
    'exports.make': () => Promise.resolve({}),
    'projects.status': () => Promise.resolve({}),
    'files.browse': () => Promise.resolve({}),
  } as unknown as Handlers<CoreCalls>) as unknown as Record<
    string,
    (input: object, context: CallContext) => Promise<unknown>
  >;
  const ask = (seat: Seat, name: string, input: object): Promise<string> =>
    code(handlers[name]!(input, { signal: new AbortController().signal, seat, progress: () => undefined }));

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acclimate-seat-'));
    root = join(folder, 'shared');
    mkdirSync(join(root, 'images'), { recursive: true });
    mkdirSync(join(folder, 'private'));
    symlinkSync(join(folder, 'private'), join(root, 'way-out'));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('a seat that is bound to a rater labels as nobody else', async () => {
    const bound: Seat = { rater: 'Ann', paths: false, roots: null };
    assert.equal(await ask(bound, 'labels.undo', { project: 'p', rater: 'Ben' }), 'seat.rater');
    assert.equal(await ask(bound, 'labels.undo', { project: 'p', rater: 'Ann' }), 'answered');
    assert.equal(await ask(ownSeat, 'labels.undo', { project: 'p', rater: 'Ben' }), 'answered');
  });

  test('a seat with roots reads and writes below them only, by links too', async () => {
    const seat: Seat = { rater: null, paths: false, roots: [root] };
    const begin = (input: object): Promise<string> =>
      ask(seat, 'library.begin', { folder: join(root, 'images'), project: join(root, 'new', 'project'), ...input });
    assert.equal(await begin({}), 'answered');
    for (const field of ['folder', 'project', 'unlabelled', 'labels']) {
      for (const path of [
        join(folder, 'private'),
        join(root, '..', 'private'),
        join(root, 'way-out'),
        join(root, 'way-out', 'not', 'there', 'yet'),
        `${root}-beside`,
        'images',
        '',
        '/',
      ]) {
        const input = field === 'unlabelled' ? [join(root, 'more'), path] : path;
        assert.equal(await begin({ [field]: input }), 'seat.path', `${field} ${path}`);
      }
    }
    assert.equal(await ask(seat, 'exports.make', { project: id, out: join(folder, 'out.csv') }), 'seat.path');
    assert.equal(await ask(seat, 'files.browse', { path: null }), 'answered');
    assert.equal(await ask(seat, 'files.browse', { path: folder }), 'seat.path');
  });

  test('a project is named by its id, or by a folder the seat may use', async () => {
    const seat: Seat = { rater: null, paths: false, roots: [root] };
    assert.equal(await ask(seat, 'projects.status', { project: id }), 'answered');
    assert.equal(await ask(seat, 'projects.status', { project: join(folder, 'private') }), 'seat.path');
    assert.equal(await ask(ownSeat, 'projects.status', { project: join(folder, 'private') }), 'answered');
  });
});
