import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  bytesOf,
  called,
  dict,
  int,
  name,
  none,
  pickle,
  storage,
  tensor,
  text,
  tuple,
  zip,
  type Piece,
  type TensorPieces,
} from './assemble.ts';
import { opened, readAll, refuses } from './refused.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acclimate-pickles-'));
});
after(() => rm(folder, { recursive: true }));

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const four = { name: 'x/data/0', bytes: floats(1, 2, 3, 4) };
/** A checkpoint of today with one storage of four numbers. */
const checkpoint = (...pieces: readonly Piece[]): Uint8Array<ArrayBuffer> =>
  zip({ name: 'x/data.pkl', bytes: pickle(...pieces) }, four);
const withTensor = (pieces: Partial<TensorPieces>): Uint8Array<ArrayBuffer> =>
  checkpoint(dict({ w: tensor({ storage: storage('0', 4), shape: [2, 2], strides: [2, 1], ...pieces }) }));
/** The same in the format of before PyTorch 1.6. */
const legacy = (body: Uint8Array, keys: Uint8Array, rest: Uint8Array, order = bytesOf(0x88)): Uint8Array<ArrayBuffer> =>
  bytesOf(
    pickle(0x8a, 10, Buffer.from('6cfc9c46f9206aa85019', 'hex')),
    pickle('M', 0xe9, 0x03),
    pickle(dict({ little_endian: order })),
    pickle(body),
    pickle(keys),
    rest,
  );
const length = (value: number): Uint8Array => new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);

describe('what a pickle may name', () => {
  it('runs nothing: every function but those that rebuild tensors is refused by its name', async () => {
    const marker = join(folder, 'was-run');
    const command = text(`touch ${marker}`);
    for (const [module, attribute] of [
      ['os', 'system'],
      ['posix', 'system'],
      ['nt', 'system'],
      ['subprocess', 'Popen'],
      ['builtins', 'eval'],
      ['builtins', 'exec'],
      ['__builtin__', 'eval'],
      ['builtins', 'getattr'],
      ['builtins', '__import__'],
      ['torch', 'load'],
      ['torch.hub', 'load'],
      ['torch._utils', '__builtins__'],
      ['torch._utils', '_rebuild_tensor_v2.__globals__'],
      ['numpy.core.multiarray', '_reconstruct'],
      ['argparse', 'Namespace'],
      ['constructor', 'prototype'],
      ['__proto__', 'toString'],
    ] as const) {
      const wanted = new RegExp(` ${module}.${attribute}, .*nothing of it was run`);
      const call = called(name(module, attribute), command);
      await refuses(folder, checkpoint(call), wanted, 'weights.unsafe');
      await refuses(folder, legacy(call, bytesOf(']'), bytesOf()), wanted, 'weights.unsafe');
      // As protocol 4 names it.
      const stacked = bytesOf(text(module), text(attribute), 0x93, tuple(command), 'R');
      await refuses(folder, checkpoint(stacked), wanted, 'weights.unsafe');
      // Where the pickle would otherwise be a state dict.
      await refuses(folder, checkpoint(dict({ w: call })), wanted, 'weights.unsafe');
    }
    assert.ok(!existsSync(marker));
  });

  it('keeps a name from writing on the terminal', async () => {
    const hostile = name('\u001b[2Jos', 'system\u202e');
    await refuses(folder, checkpoint(hostile), / \?\?2Jos\.system\?, /, 'weights.unsafe');
  });

  it('calls nothing that is no function of the list, and knows no other way to make an object', async () => {
    await refuses(folder, checkpoint(called(name('torch', 'FloatStorage'), int(9))), /cannot be called/);
    await refuses(folder, checkpoint(called(text('os.system'), text('x'))), /cannot be called/);
    await refuses(folder, checkpoint(name('collections', 'OrderedDict'), ')', 0x81), /instruction 129/); // NEWOBJ
    await refuses(folder, checkpoint('(ios\nsystem\n'), /instruction 105/); // INST
    await refuses(folder, checkpoint('(', name('collections', 'OrderedDict'), 'o'), /instruction 111/); // OBJ
    await refuses(folder, checkpoint(0x82, 1), /instruction 130/); // EXT1
    await refuses(folder, checkpoint('Pfile\n'), /instruction 80/); // PERSID
    await refuses(folder, checkpoint(int(5), '}', 'b'), /dict is missing/); // BUILD of what is no state dict
  });
});

describe('what a pickle may take', () => {
  it('refuses shapes larger than the data before anything is allocated', async () => {
    for (const shape of [[3, 2], [2 ** 40, 2 ** 12], [2 ** 53 - 1], [5]]) {
      await refuses(folder, withTensor({ shape, strides: shape.map(() => 1) }), /larger than the data/);
      // Strides of zero would make any number of elements out of one.
      await refuses(folder, withTensor({ shape, strides: shape.map(() => 0) }), /larger than the data/);
    }
    await refuses(folder, withTensor({ offset: 1 }), /larger than the data/);
    await refuses(folder, withTensor({ strides: [3, 1] }), /larger than the data/);
    await refuses(folder, withTensor({ strides: [2 ** 52, 2 ** 52] }), /larger than the data/);
    for (const claimed of [5, 2 ** 40, 3]) {
      await refuses(folder, withTensor({ storage: storage('0', claimed) }), /not as long as it claims/);
    }
    await refuses(folder, withTensor({ storage: storage('0', 4, 'DoubleStorage') }), /not as long as it claims/);
    await refuses(folder, withTensor({ storage: storage('../../etc/passwd', 4) }), /a storage is missing/);
    await refuses(folder, withTensor({ storage: text('0') }), /storage is missing/);
  });

  it('refuses sizes, strides and places that are no counts, and ranks no tensor here has', async () => {
    await refuses(folder, withTensor({ strides: [-2, 1] }), /no count/);
    await refuses(folder, withTensor({ shape: [-2, -2] }), /no count/);
    await refuses(folder, withTensor({ offset: -1 }), /no count/);
    await refuses(folder, withTensor({ storage: storage('0', -4) }), /not described/);
    await refuses(folder, withTensor({ strides: [1] }), /no possible shape/);
    await refuses(folder, withTensor({ shape: Array(9).fill(1), strides: Array(9).fill(1) }), /no possible shape/);
  });

  it('refuses a tensor spread thinly over a large storage', async () => {
    const large = zip(
      {
        name: 'x/data.pkl',
        bytes: pickle(dict({ w: tensor({ storage: storage('0', 40), shape: [2], strides: [39] }) })),
      },
      { name: 'x/data/0', bytes: new Uint8Array(160) },
    );
    await refuses(folder, large, /too far apart/);
  });

  it('refuses what holds itself', async () => {
    await refuses(folder, checkpoint(']q\x00h\x00a'), /holds itself/);
    await refuses(folder, checkpoint('}q\x00', text('w'), 'h\x00s'), /holds itself/);
    // A list in a tuple in that list.
    await refuses(folder, checkpoint(']q\x00', 'h\x00', 0x85, 'a'), /holds itself/);
  });

  it('refuses nesting of any depth without running out of stack', async () => {
    await refuses(folder, checkpoint(']'.repeat(70), 'a'.repeat(69)), /nested deeper/);
    await refuses(folder, checkpoint(']'.repeat(150_000), 'a'.repeat(149_999)), /nested deeper/);
    await refuses(folder, checkpoint(']', 'N', new Uint8Array(150_000).fill(0x85)), /more than one value/);
    await refuses(folder, checkpoint('('.repeat(101)), /nested deeper/);
    await refuses(folder, checkpoint('N', new Uint8Array(150_000).fill(0x85)), /nested deeper/);
  });

  it('takes no more time than a pickle is long: sharing that doubles, instructions and values without end', async () => {
    // Each tuple holds the one before it twice; written out they would be 2⁵⁰.
    const doubled = Array.from({ length: 50 }, (_, i) => bytesOf('h', i, 'h', i, 0x86, 'q', i + 1));
    const start = performance.now();
    assert.deepEqual(await opened(folder, checkpoint('(]q', 0, ...doubled, 't'), readAll), []);
    assert.ok(performance.now() - start < 2000);
    await refuses(
      folder,
      checkpoint(
        'N',
        new Uint8Array(2_200_000).map((_, i) => (i % 2 === 0 ? 0x71 : 0)),
      ),
      /more instructions/,
    );
    await refuses(folder, checkpoint('N'.repeat(200_001)), /on its stack/);
    const part = dict({ w: tensor({ storage: storage('0', 4), shape: [1], strides: [1] }) });
    const parts = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`part${i}`, part]));
    await refuses(folder, checkpoint(dict(parts)), /more state dicts/);
  });

  it('refuses a memory it never had, marks and values that are not there, and texts longer than the file', async () => {
    await refuses(folder, checkpoint('h\x07'), /never had/);
    await refuses(folder, checkpoint('j', 0xff, 0xff, 0xff, 0xff), /never had/);
    await refuses(folder, checkpoint('t'), /mark is missing/);
    await refuses(folder, checkpoint('R'), /value is missing/);
    await refuses(folder, checkpoint(''), /value is missing/);
    await refuses(folder, checkpoint('](', 0x85), /value is missing/);
    await refuses(folder, checkpoint('}(Nu'), /key has no value/);
    await refuses(folder, checkpoint('NN'), /more than one value/);
    await refuses(folder, checkpoint('X', 0xff, 0xff, 0xff, 0xff), /pickle ends too early/);
    await refuses(folder, checkpoint(0x8d, new Uint8Array(8).fill(0xff)), /pickle ends too early/);
    await refuses(folder, checkpoint('B', 0xff, 0xff, 0xff, 0x7f), /pickle ends too early/);
  });

  it('refuses a checkpoint that is cut short anywhere', async () => {
    const whole = pickle(dict({ w: tensor({ storage: storage('0', 4), shape: [2, 2], strides: [2, 1] }) }));
    for (let end = 0; end < whole.byteLength; end++) {
      await refuses(folder, zip({ name: 'x/data.pkl', bytes: whole.subarray(0, end) }, four), /./);
    }
    for (const file of ['resnet-zip.pth', 'resnet-legacy.pth', 'bit.npz']) {
      const bytes = await readFile(new URL(`../../../../fixtures/weights/${file}`, import.meta.url));
      for (let part = 0; part < 8; part++) {
        await refuses(folder, bytes.subarray(0, Math.floor((part * bytes.byteLength) / 8)), /./);
      }
      await refuses(folder, bytes.subarray(0, -1), /./);
    }
  });
});

describe('legacy checkpoints', () => {
  const body = dict({ w: tensor({ storage: storage('a', 4), shape: [2, 2], strides: [1, 2] }) });
  const keys = bytesOf('](', text('a'), 'e');
  const data = bytesOf(length(4), floats(1, 2, 3, 4));

  it('are read with strides, and with storages that are a part of another', async () => {
    assert.deepEqual(await opened(folder, legacy(body, keys, data), readAll), [Float32Array.of(1, 3, 2, 4)]);
    const view = tuple(text('v'), int(1), int(2));
    const part = dict({ w: tensor({ storage: storage('a', 4, 'FloatStorage', view), shape: [2], strides: [1] }) });
    assert.deepEqual(await opened(folder, legacy(part, keys, data), readAll), [Float32Array.of(2, 3)]);
  });

  it('are refused where their storages are not what they claim', async () => {
    await refuses(folder, legacy(body, keys, bytesOf(length(5), floats(1, 2, 3, 4, 5))), /not as long/);
    await refuses(folder, legacy(body, keys, bytesOf(length(-1), floats(1, 2, 3, 4))), /not as long/);
    await refuses(folder, legacy(body, keys, data.subarray(0, -1)), /ends too early/);
    // Also where nobody asks for the tensor whose end is missing.
    await assert.rejects(
      opened(folder, legacy(body, keys, data.subarray(0, -1)), () => undefined),
      /ends too early/,
    );
    await refuses(folder, legacy(body, bytesOf(']'), data), /storage is missing/);
    await refuses(folder, legacy(body, bytesOf('](', text('b'), 'e'), data), /list of its storages is wrong/);
    await refuses(
      folder,
      legacy(body, bytesOf('](', text('a'), text('a'), 'e'), data),
      /list of its storages is wrong/,
    );
    await refuses(folder, legacy(body, none, data), /list of its storages is missing/);
    const huge = dict({ w: tensor({ storage: storage('a', 2 ** 40), shape: [2], strides: [1] }) });
    await refuses(folder, legacy(huge, keys, bytesOf(length(2 ** 40), floats(1))), /longer than the file/);
    const outside = tuple(text('v'), int(3), int(2));
    const part = dict({ w: tensor({ storage: storage('a', 4, 'FloatStorage', outside), shape: [2], strides: [1] }) });
    await refuses(folder, legacy(part, keys, data), /larger than the storage/);
  });

  it('are refused when they are of another kind', async () => {
    await refuses(folder, legacy(body, keys, data, bytesOf(0x89)), /big-endian/);
    await refuses(folder, pickle('}'), /none that torch\.save writes/);
    await refuses(folder, bytesOf(new Uint8Array(257), 'ustar', new Uint8Array(400)), /as a tar/);
  });
});
