import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AppError } from '../../../../src/contract/errors.ts';
import type { HostTree } from '../../../../src/engine/nn/types.ts';
import {
  readSafetensors,
  writeHashedSafetensors,
  writeSafetensors,
} from '../../../../src/engine/weights/safetensors.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acclimate-safetensors-'));
});
after(() => rm(folder, { recursive: true }));

const tree: HostTree = {
  'b.weight': { shape: [2, 3], dtype: 'float32', data: Float32Array.of(1, -2, 3.5, 1e-40, NaN, Infinity) },
  a: { shape: [], dtype: 'int32', data: Int32Array.of(-7) },
  mask: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  empty: { shape: [0, 4], dtype: 'float32', data: new Float32Array(0) },
};

/** A file as another program would write it. */
async function raw(name: string, header: unknown, data: Uint8Array, length?: bigint): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, length ?? BigInt(json.byteLength), true);
  const path = join(folder, name);
  await writeFile(path, Buffer.concat([prefix, json, data]));
  return path;
}

const refusesFormat = (path: string, reason: RegExp): Promise<void> =>
  assert.rejects(readSafetensors(path), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'weights.format');
    assert.match(error.message, reason);
    return true;
  });

describe('safetensors', () => {
  it('reads back what it wrote, bit for bit, and tells the hash of the file', async () => {
    const path = join(folder, 'round.safetensors');
    const sha256 = await writeHashedSafetensors(path, tree, { step: '12', kind: 'checkpoint' });
    const file = await readSafetensors(path);
    assert.equal(
      sha256,
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
    assert.equal(file.sha256, sha256);
    assert.deepEqual(file.metadata, { kind: 'checkpoint', step: '12' });
    assert.deepEqual(Object.keys(file.tensors).sort(), Object.keys(tree).sort());
    for (const [name, tensor] of Object.entries(tree)) assert.deepEqual(file.tensors[name], tensor, name);
  });

  it('gives the same bytes whatever the order of the tensors', async () => {
    const reversed = Object.fromEntries(Object.entries(tree).reverse());
    const one = await writeHashedSafetensors(join(folder, 'one.safetensors'), tree, { a: '1', b: '2' });
    const two = await writeHashedSafetensors(join(folder, 'two.safetensors'), reversed, { b: '2', a: '1' });
    assert.equal(one, two);
  });

  it('leaves no temporary file, and the old file where the new one cannot be written', async () => {
    const path = join(folder, 'kept.safetensors');
    const sha256 = await writeHashedSafetensors(path, tree);
    const broken: HostTree = { ...tree, wrong: { shape: [2], dtype: 'float32', data: new Float32Array(3) } };
    await assert.rejects(writeSafetensors(path, broken));
    assert.equal((await readSafetensors(path)).sha256, sha256);
    await mkdir(join(folder, 'taken'));
    await assert.rejects(writeSafetensors(join(folder, 'taken'), tree));
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('widens half precision and passes over 64-bit counters', async () => {
    const half = Uint16Array.of(0x3c00, 0xfbff, 0x0001, 0x7c00);
    const brain = Uint16Array.of(0x3f80, 0xc049);
    const data = Buffer.concat([Buffer.from(half.buffer), Buffer.from(brain.buffer), Buffer.alloc(8, 1)]);
    const path = await raw(
      'half.safetensors',
      {
        h: { dtype: 'F16', shape: [4], data_offsets: [0, 8] },
        b: { dtype: 'BF16', shape: [2], data_offsets: [8, 12] },
        'bn.num_batches_tracked': { dtype: 'I64', shape: [], data_offsets: [12, 20] },
      },
      data,
    );
    const { tensors } = await readSafetensors(path);
    assert.deepEqual(Object.keys(tensors), ['h', 'b']);
    assert.deepEqual(tensors['h']?.data, Float32Array.of(1, -65504, 2 ** -24, Infinity));
    assert.deepEqual(tensors['b']?.data, Float32Array.of(1, -3.140625));
  });

  it('refuses a header that lies about its size before it allocates', async () => {
    const path = await raw('lies.safetensors', {}, new Uint8Array(16), 90_000_000n);
    const before = process.memoryUsage().arrayBuffers;
    await refusesFormat(path, /header claims to be longer than the file/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
    await refusesFormat(await raw('huge.safetensors', {}, new Uint8Array(16), 2n ** 63n), /longer than the file/);
  });

  it('refuses a tensor whose size is more than the file holds before it allocates', async () => {
    const header = { w: { dtype: 'F32', shape: [100_000_000], data_offsets: [0, 400_000_000] } };
    const before = process.memoryUsage().arrayBuffers;
    await refusesFormat(await raw('large.safetensors', header, new Uint8Array(16)), /ends too early/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
  });

  it('refuses what is cut short, overlaps, leaves gaps, or is no header at all', async () => {
    const whole = join(folder, 'whole.safetensors');
    await writeSafetensors(whole, tree);
    const bytes = await readFile(whole);
    for (const length of [0, 5, 40, bytes.byteLength - 1]) {
      const cut = join(folder, `cut-${length}.safetensors`);
      await writeFile(cut, bytes.subarray(0, length));
      await refusesFormat(cut, /./);
    }
    const f32 = (shape: number[], begin: number, end: number) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });
    const eight = new Uint8Array(8);
    await refusesFormat(await raw('o', { a: f32([2], 0, 8), b: f32([1], 4, 8) }, eight), /place of tensor b/);
    await refusesFormat(await raw('g', { b: f32([1], 4, 8) }, eight), /place of tensor b/);
    await refusesFormat(await raw('s', { a: f32([3], 0, 8) }, eight), /place of tensor a/);
    await refusesFormat(await raw('t', { a: f32([1], 0, 4) }, eight), /more data/);
    await refusesFormat(await raw('n', { a: f32([-2], 0, 8) }, eight), /does not describe tensors/);
    await refusesFormat(await raw('d', { a: { dtype: 'F8', shape: [8], data_offsets: [0, 8] } }, eight), /does not/);
    await writeFile(join(folder, 'j'), Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{{{{')]));
    await refusesFormat(join(folder, 'j'), /header cannot be read/);
  });

  it('names a file that is not there, or is no file', async () => {
    await assert.rejects(readSafetensors(join(folder, 'nowhere')), { code: 'weights.not-found' });
    await refusesFormat(folder, /not a file/);
  });
});
