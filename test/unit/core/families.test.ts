import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { findFamilies, type Look } from '../../../src/core/library/families.ts';
import { generator } from '../../../src/engine/data/random.ts';
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

test('of thousands of pictures alike on the whole, the same are found as by comparing all with all', () => {
  const random = generator(1, 'families');
  const originals = Array.from({ length: 300 }, () => random.uniform(256).map((value) => 90 + 60 * value));
  const looks = Array.from({ length: 1500 }, (_, id): Look => {
    // Five of each, moved as a whole by up to one and a half: in the same cell of the grid, or over an edge of it.
    const [shift] = random.uniform(1);
    const thumbprint = Uint8Array.from(originals[id % 300]!, (value) => Math.round(value + 1.7 * shift!));
    return { id, hash: `${id}`, width: 64, height: 64, thumbprint, red: 120, green: 120, blue: 120 };
  });
  const families = findFamilies(looks);
  // As the tolerances say it, of pictures of one size, colour and contrast.
  const quarter = (at: number) => (at >= 128 ? 2 : 0) + (at % 16 >= 8 ? 1 : 0);
  const isSame = ({ thumbprint: a }: Look, { thumbprint: b }: Look) => {
    const apart = a.reduce<number[]>(
      (sums, value, at) => {
        sums[quarter(at)]! += (value - b[at]!) / 64;
        return sums;
      },
      [0, 0, 0, 0],
    );
    const mean = a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / 256;
    return mean <= 1.5 && apart.every((each) => Math.abs(each) <= 1.5);
  };
  let linked = 0;
  for (let i = 0; i < 300; i++) {
    const five = looks.filter(({ id }) => id % 300 === i);
    for (const [at, a] of five.entries())
      for (const b of five.slice(at + 1)) {
        if (!isSame(a, b)) continue;
        linked++;
        assert.equal(families.get(a.id), families.get(b.id));
      }
  }
  assert.ok(linked > 1000, `${linked} pairs`);
  for (const [id, family] of families) assert.equal(id % 300, family % 300, 'others are not linked');
});
