import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_CLASS, TILE_BYTES, tileFlags } from '../../../src/contract/view.ts';
import { Patches } from '../../../src/renderer/state/patches.ts';
import { has, imagesOf, readTile } from '../../../src/renderer/state/tiles.ts';

/** Records as `src/contract/view.ts` lays them out, not at the beginning of their buffer. */
function windowOf(...images: number[]): Uint8Array<ArrayBuffer> {
  const window = new Uint8Array(5 + images.length * TILE_BYTES).subarray(5);
  images.forEach((image, place) => {
    const data = new DataView(window.buffer, window.byteOffset + place * TILE_BYTES, TILE_BYTES);
    data.setUint32(0, image, true);
    for (let at = 4; at < 16; at++) data.setUint8(at, 255 - at - place);
    [1, 2, 255].forEach((value, i) => data.setUint8(16 + i, value));
    data.setUint8(19, 1);
    data.setUint16(20, tileFlags.note | tileFlags.joint, true);
    data.setUint16(22, NO_CLASS, true);
    data.setUint16(24, 300, true);
    data.setUint8(26, 51);
  });
  return window;
}

describe('tiles', () => {
  test('every field of a record is read', () => {
    const window = windowOf(70_000, 4_000_000_000);
    const tile = readTile(window, 1);
    const key = Buffer.from(window.subarray(TILE_BYTES + 4, TILE_BYTES + 16)).toString('base64url');
    const { note, joint } = tileFlags;
    const rest = { colour: '#0102ff', reason: 'typical', flags: note | joint, class: null, predicted: 300 };
    assert.deepEqual(tile, { image: 4_000_000_000, key, ...rest, probability: 0.2 });
    assert.deepEqual([has(tile, 'note'), has(tile, 'joint'), has(tile, 'check')], [true, true, false]);
    assert.deepEqual([...imagesOf(window)], [70_000, 4_000_000_000]);
  });
});

describe('labels shown before core tells them', () => {
  const tile = readTile(windowOf(7), 0);

  test('take the place of what core told before', () => {
    const patches = new Patches();
    patches.put([7], { class: 3, mark: null });
    assert.deepEqual([patches.apply(tile).class, has(patches.apply(tile), 'note')], [3, true]);
    patches.put([7], { class: null, mark: 'unsure' });
    assert.deepEqual([patches.apply(tile).class, has(patches.apply(tile), 'unsure')], [null, true]);
    patches.drop([7]);
    assert.equal(patches.apply(tile), tile);
  });

  test('stay until tiles come that were asked for after they were written', () => {
    const patches = new Patches();
    patches.put([7], { class: 3, mark: null });
    const before = patches.known();
    patches.written([7]);
    patches.tell([7], before);
    assert.equal(patches.apply(tile).class, 3, 'asked for before it was written');
    const after = patches.known();
    patches.tell([8], after);
    assert.equal(patches.apply(tile).class, 3, 'tiles of other images');
    patches.tell([7], after);
    assert.equal(patches.apply(tile).class, null);
  });

  test('a label given while the tiles are on their way is not forgotten with the one before', () => {
    const patches = new Patches();
    patches.put([7], { class: 3, mark: null });
    patches.written([7]);
    const asked = patches.known();
    patches.put([7], { class: 4, mark: null });
    patches.tell([7], asked);
    assert.equal(patches.apply(tile).class, 4);
  });
});
