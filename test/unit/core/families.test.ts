import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { findFamilies, type Look } from '../../../src/core/library/families.ts';
import { inspect } from '../../../src/images/inspect.ts';
import { png, save, scratch } from '../images/files.ts';
import { picture } from './library-tools.ts';

async function looks(folder: string, images: readonly Buffer[]): Promise<Look[]> {
  const all: Look[] = [];
  for (const [i, bytes] of images.entries()) {
    const { hash, width, height, thumbprint, meanColour } = await inspect({ path: save(folder, `${i}`, bytes) });
    const [red, green, blue] = meanColour;
    all.push({ id: i, hash, width, height, thumbprint, red, green, blue });
  }
  return all;
}

test('copies, pictures saved again, and scaled ones are one family; others are not', async (t) => {
  const one = picture(1, 64);
  const other = picture(2, 64);
  const families = findFamilies(
    await looks(scratch(t), [
      one,
      other,
      Buffer.from(one),
      await sharp(one).jpeg({ quality: 60 }).toBuffer(),
      await sharp(one).resize(32, 32).png().toBuffer(),
      await sharp(one).webp({ quality: 70 }).toBuffer(),
      await sharp(one).flop().png().toBuffer(),
      await sharp(one).extract({ left: 0, top: 0, width: 64, height: 40 }).png().toBuffer(),
      await sharp(one).modulate({ hue: 90 }).png().toBuffer(),
    ]),
  );
  assert.deepEqual(
    [...families].sort(([a], [b]) => a - b),
    [0, 2, 3, 4, 5].map((id) => [id, 0]),
  );
});

test('plain pictures are no near duplicates, but copies of them are exact ones', async (t) => {
  const flat = (value: number) => png(16, 16, () => [value, value, value]);
  const ground = (seed: number) => png(64, 64, (x, y) => [200 + ((x * 7 + y * seed) % 3), 201, 202]);
  const families = findFamilies(await looks(scratch(t), [flat(200), flat(201), flat(200), ground(4), ground(5)]));
  assert.deepEqual(
    families,
    new Map([
      [2, 0],
      [0, 0],
    ]),
  );
});

test('one cell on the same ground in another place is another picture', async (t) => {
  const cell = (left: number) =>
    png(128, 128, (x, y) => ((x - left) ** 2 + (y - 64) ** 2 < 400 ? [120, 60, 140] : [230, 220, 225]));
  assert.equal(findFamilies(await looks(scratch(t), [cell(50), cell(60), cell(56)])).size, 0);
});
