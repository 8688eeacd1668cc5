import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bytesOf, dict, npy, pickle, storage, tensor, zip, type ZipPiece } from './assemble.ts';
import { opened, readAll, refuses } from './refused.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acclimate-zips-'));
});
after(() => rm(folder, { recursive: true }));

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const header = (shape: string, descr = '<f4', fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
const array = (more: Partial<ZipPiece> = {}): ZipPiece => ({
  name: 'w.npy',
  bytes: npy(header('(2, 2)'), floats(1, 2, 3, 4)),
  ...more,
});
const body = pickle(dict({ w: tensor({ storage: storage('0', 4), shape: [4], strides: [1] }) }));
const checkpoint = (data: Partial<ZipPiece>, ...others: ZipPiece[]): Uint8Array<ArrayBuffer> =>
  zip({ name: 'x/data.pkl', bytes: body }, { name: 'x/data/0', bytes: floats(1, 2, 3, 4), ...data }, ...others);

describe('zips', () => {
  it('are read as they are and inflated', async () => {
    for (const deflate of [false, true]) {
      assert.deepEqual(await opened(folder, zip(array({ deflate })), readAll), [Float32Array.of(1, 2, 3, 4)]);
    }
    const turned = npy(header('(2, 2)', '<f4', 'True'), floats(1, 2, 3, 4));
    assert.deepEqual(await opened(folder, zip(array({ bytes: turned })), readAll), [Float32Array.of(1, 3, 2, 4)]);
    assert.deepEqual(await opened(folder, checkpoint({}), readAll), [Float32Array.of(1, 2, 3, 4)]);
  });

  it('are refused where they lie about a size', async () => {
    const honest = array().bytes.byteLength;
    await refuses(folder, zip(array({ claims: { size: honest + 4 } })), /damaged or hostile zip/);
    await refuses(folder, zip(array({ claims: { size: 2 ** 31, stored: 2 ** 31 } })), /longer than the whole/);
    for (const size of [honest - 4, honest + 4]) {
      await refuses(folder, zip(array({ deflate: true, claims: { size } })), /as long as its shape|damaged or hostile/);
    }
    await refuses(folder, zip(array({ deflate: true, claims: { size: 2 ** 32 - 2 } })), /lies about its size/);
    await refuses(folder, zip(array({ claims: { crc: 7 } })), /damaged on its way/);
    await refuses(folder, zip(array({ claims: { at: 10_000 } })), /damaged or hostile zip/);
    await refuses(folder, checkpoint({ claims: { size: 160, stored: 160 } }), /not as long as it claims/);
    await refuses(folder, checkpoint({ claims: { at: 3 } }), /damaged or hostile zip/);
  });

  it('are refused where a little inflates to more than its header says', async () => {
    // 20 MB of zeros in 20 kB, behind the header of an array of four numbers.
    const bomb = bytesOf(array().bytes, new Uint8Array(2e7));
    await refuses(folder, zip(array({ bytes: bomb, deflate: true })), /not as long as its shape says/);
    const claimed = { size: array().bytes.byteLength };
    await refuses(folder, zip(array({ bytes: bomb, deflate: true, claims: claimed })), /damaged or hostile zip/);
  });

  it('are refused where a name leads elsewhere, or is there twice', async () => {
    for (const name of ['../w.npy', 'a/../../w.npy', '/etc/w.npy', 'C:/w.npy', 'a\\..\\w.npy', 'a\\w.npy']) {
      await refuses(folder, zip(array({ name })), /damaged or hostile zip/);
    }
    await refuses(folder, zip(array(), array()), /same name/);
    await refuses(folder, checkpoint({}, { name: 'x/data/0', bytes: floats(9, 9, 9, 9) }), /same name/);
  });

  it('are refused with tensors that are compressed or written the other way round', async () => {
    await refuses(folder, checkpoint({ deflate: true }), /compressed, which PyTorch does not do/);
    await refuses(folder, checkpoint({}, { name: 'x/byteorder', bytes: bytesOf('big') }), /big-endian/);
  });
});

describe('arrays of NumPy', () => {
  const refusesArray = (bytes: Uint8Array, reason: RegExp): Promise<void> =>
    refuses(folder, zip(array({ bytes })), reason);

  it('of objects, which hold a pickle, are refused', async () => {
    const evil = bytesOf('cos\nsystem\n(X', 4, 0, 0, 0, 'true', 'tR.');
    await refusesArray(npy(header('(1,)', '|O'), evil), /of the type \?O, which holds no weights/);
  });

  it('are refused with a header that NumPy does not write', async () => {
    const data = floats(1);
    await refusesArray(npy(header('__import__("os").system("true")'), data), /header that NumPy does not write/);
    await refusesArray(npy(header('(-1,)'), data), /header that NumPy does not write/);
    await refusesArray(npy(header('(9999999999999, 99999)'), data), /no possible shape/);
    await refusesArray(npy(header('(1, 1, 1, 1, 1, 1, 1, 1, 1)'), data), /no possible shape/);
    await refusesArray(npy(header('(3000000000,)'), data), /not as long as its shape says/);
    await refusesArray(npy(header('(1,)').padEnd(9000), data), /header that is too long/);
    await refusesArray(bytesOf('these are no numbers'), /not one of NumPy/);
    await refuses(folder, zip({ name: 'run.sh', bytes: bytesOf('true') }), /run\.sh, which is no array/);
  });
});
