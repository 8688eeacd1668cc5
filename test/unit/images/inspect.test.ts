import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import sharp, { type Color } from 'sharp';
import { inspect, padded, record } from '../../../src/images/inspect.ts';
import { ImageFailure, type FailureCode } from '../../../src/images/types.ts';
import { bmp, png, save, scratch, svg, tiff, writeHugePng } from './files.ts';

const ramp = (x: number, y: number): [number, number, number] => [x * 8, y * 8, 128];
const raw = { width: 24, height: 16, channels: 3 as const };
const rampPixels = Uint8Array.from(
  { length: 24 * 16 * 3 },
  (_, i) => ramp(Math.floor(i / 3) % 24, Math.floor(i / 72))[i % 3]!,
);

const failsWith = (code: FailureCode) => (error: unknown) => {
  assert.ok(error instanceof ImageFailure);
  assert.equal(error.code, code);
  assert.doesNotMatch(error.message, /[/\\]tmp|Error|vips/i, 'a reason is a plain sentence');
  return true;
};

test('the type comes from the content, whatever the name says', async (t) => {
  const folder = scratch(t);
  const image = sharp(rampPixels, { raw });
  const made = {
    jpeg: await image.clone().jpeg({ quality: 95 }).toBuffer(),
    png: png(24, 16, ramp),
    webp: await image.clone().webp({ lossless: true }).toBuffer(),
    tiff: await image.clone().tiff({ compression: 'lzw' }).toBuffer(),
    gif: await image.clone().gif().toBuffer(),
    bmp: bmp(24, 16, 24, ramp),
  };
  for (const [type, bytes] of Object.entries(made)) {
    const file = save(folder, `${type}.txt`, bytes);
    const facts = await inspect({ path: file });
    assert.equal(facts.type, type);
    assert.deepEqual([facts.width, facts.height, facts.bits, facts.pages], [24, 16, 8, 1]);
    assert.equal(facts.hash, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(facts.bytes, bytes.length);
    assert.ok(
      Math.abs(facts.meanColour[0] - 92) < 3 && Math.abs(facts.meanColour[1] - 60) < 3,
      `${type} ${facts.meanColour}`,
    );
    const { pixels, box } = await record({ path: file }, { side: 24 });
    assert.deepEqual(box, [4, 0, 20, 24]);
    assert.equal(pixels.length, 24 * 24 * 3);
    const [x, y] = [20, 10];
    const at = ((4 + y) * 24 + x) * 3;
    const tolerance = type === 'jpeg' || type === 'gif' ? 16 : 1;
    ramp(x, y).forEach((value, c) => assert.ok(Math.abs(pixels[at + c]! - value) <= tolerance, `${type} ${c}`));
  }
});

test('a record repeats the edges of the image outside its box', async (t) => {
  const file = save(scratch(t), 'a.png', png(24, 16, ramp));
  const { pixels } = await record({ path: file }, { side: 24 });
  const at = (x: number, y: number): number[] => [...pixels.subarray((y * 24 + x) * 3, (y * 24 + x) * 3 + 3)];
  for (let x = 0; x < 24; x++) {
    assert.deepEqual(at(x, 0), at(x, 4));
    assert.deepEqual(at(x, 23), at(x, 19));
  }
  const tall = padded({ width: 2, height: 4, pixels: Uint8Array.from({ length: 24 }, (_, i) => i), range: null }, 4);
  assert.deepEqual(tall.box, [0, 1, 4, 3]);
  assert.deepEqual([...tall.pixels.subarray(0, 12)], [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
});

test('the centre crop takes the largest square in the middle', async (t) => {
  const file = save(scratch(t), 'a.png', png(24, 16, ramp));
  const { pixels, box } = await record({ path: file }, { side: 16, crop: 'centre' });
  assert.deepEqual(box, [0, 0, 16, 16]);
  assert.deepEqual([...pixels.subarray(0, 3)], ramp(4, 0));
  assert.deepEqual([...pixels.subarray(-3)], ramp(19, 15));
});

test('the camera orientation is applied', async (t) => {
  const bytes = await sharp(rampPixels, { raw }).withMetadata({ orientation: 6 }).png().toBuffer();
  const file = save(scratch(t), 'a.png', bytes);
  const facts = await inspect({ path: file });
  assert.deepEqual([facts.width, facts.height], [16, 24]);
  const { pixels, box } = await record({ path: file }, { side: 24 });
  assert.deepEqual(box, [0, 4, 24, 20]);
  // Orientation 6 turns clockwise: the lower left corner comes to the upper left.
  assert.deepEqual([...pixels.subarray(4 * 3, 4 * 3 + 3)], ramp(0, 15));
});

test('grey, transparent and CMYK images become RGB', async (t) => {
  const folder = scratch(t);
  const flat = (channels: 1 | 3 | 4, background: Color) =>
    sharp({ create: { width: 8, height: 8, channels: channels === 1 ? 3 : channels, background } });
  const first = async (name: string, bytes: Buffer): Promise<number[]> => {
    const { pixels } = await record({ path: save(folder, name, bytes) }, { side: 8 });
    return [...pixels.subarray(0, 3)];
  };
  assert.deepEqual(await first('grey', await flat(1, '#505050').toColourspace('b-w').png().toBuffer()), [80, 80, 80]);
  const clear = { r: 0, g: 0, b: 0, alpha: 0 };
  assert.deepEqual(await first('clear', await flat(4, clear).png().toBuffer()), [255, 255, 255]);
  const cmyk = await flat(3, '#c02020').toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  assert.equal((await sharp(cmyk).metadata()).space, 'cmyk');
  const [r, g, b] = await first('cmyk', cmyk);
  assert.ok(Math.abs(r! - 0xc0) < 16 && Math.abs(g! - 0x20) < 24 && Math.abs(b! - 0x20) < 24, `${r} ${g} ${b}`);
});

test('a colour profile is brought to sRGB', async (t) => {
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#c04030' } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const metadata = await sharp(bytes).metadata();
  assert.ok(metadata.hasProfile);
  const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
  const { pixels } = await record({ path: save(scratch(t), 'a.png', bytes) }, { side: 8 });
  assert.ok(Math.abs(pixels[0]! - 0xc0) <= 2, `${pixels[0]} shown, ${stored[0]} stored`);
  assert.notEqual(stored[0], pixels[0]);
});

test('16 bits are spread over the range the image uses; the page is chosen', async (t) => {
  const page = (low: number, high: number) => ({
    width: 16,
    height: 16,
    bits: 16 as const,
    values: Array.from({ length: 256 }, (_, i) => Math.round(low + ((high - low) * i) / 255)),
  });
  const file = save(scratch(t), 'a.tif', tiff([page(500, 3000), page(0, 65535)]));
  const facts = await inspect({ path: file });
  assert.deepEqual([facts.bits, facts.pages, facts.range], [16, 2, [500, 3000]]);
  const { pixels } = await record({ path: file }, { side: 16 });
  assert.deepEqual([pixels[0], pixels[765]], [0, 255]);
  assert.deepEqual((await inspect({ path: file, page: 1 })).range, [0, 65535]);
});

test('floating point values are spread over their range, also below zero', async (t) => {
  const values = Array.from({ length: 256 }, (_, i) => 0.001 * i - 0.01);
  const file = save(scratch(t), 'a.tif', tiff([{ width: 16, height: 16, bits: 32, format: 3, values }]));
  const { bits, range } = await inspect({ path: file });
  assert.equal(bits, 32);
  assert.ok(range && Math.abs(range[0] + 0.01) < 1e-5 && Math.abs(range[1] - 0.245) < 1e-5);
  const { pixels } = await record({ path: file }, { side: 16 });
  assert.deepEqual([pixels[0], pixels[128 * 3], pixels[765]], [0, 128, 255]);
});

test('bitmaps of 8, 24 and 32 bits, either way up', async (t) => {
  const folder = scratch(t);
  for (const bits of [8, 24, 32] as const) {
    for (const topDown of [false, true]) {
      const at = bits === 8 ? (x: number, y: number): [number, number, number] => [x * 9 + y, 0, 0] : ramp;
      const file = save(folder, 'a.bmp', bmp(9, 9, bits, at, { topDown }));
      const { pixels } = await record({ path: file }, { side: 9 });
      const [r, g, b] = at(7, 3);
      const seen = [...pixels.subarray((3 * 9 + 7) * 3, (3 * 9 + 7) * 3 + 3)];
      assert.deepEqual(seen, bits === 8 ? [r, r, r] : [r, g, b]);
    }
  }
});

test('what is no readable image fails with its code', async (t) => {
  const folder = scratch(t);
  const jpeg = await sharp(rampPixels, { raw }).resize(200, 200).jpeg().toBuffer();
  const cases: [string, Uint8Array | string, FailureCode][] = [
    ['zero.jpg', '', 'empty'],
    ['cut.jpg', jpeg.subarray(0, jpeg.length / 2), 'truncated'],
    ['cut.png', png(64, 64, (x, y) => [(x * 77 + y * 31) & 255, (x * y) & 255, y]).subarray(0, 400), 'truncated'],
    ['cut.bmp', bmp(24, 16, 24, ramp).subarray(0, 500), 'truncated'],
    [
      'cut.tif',
      tiff([{ width: 16, height: 16, bits: 8, values: Array(256).fill(7) as number[] }]).subarray(0, 100),
      'truncated',
    ],
    ['drawing.jpg', svg, 'not-an-image'],
    ['script.jpg', '#!/bin/sh\necho hello\n', 'not-an-image'],
    ['paper.png', '%PDF-1.7 something', 'unsupported'],
    ['scan.dcm', Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]), 'unsupported'],
    ['photo.heic', Buffer.from('\0\0\0\x18ftypheic', 'latin1'), 'unsupported'],
    ['packed.bmp', bmp(9, 9, 8, ramp, { compression: 1 }), 'unsupported'],
    ['slide.svs', Buffer.concat([tiff([]), Buffer.from('Aperio Image Library v12')]), 'unsupported'],
  ];
  for (const [name, bytes, code] of cases) {
    await assert.rejects(inspect({ path: save(folder, name, bytes) }), failsWith(code), name);
  }
  await assert.rejects(inspect({ path: `${folder}/nothing.jpg` }), failsWith('missing'));
});

test('30,000 × 30,000 pixels are refused before they are decoded', async (t) => {
  const file = `${scratch(t)}/huge.png`;
  await writeHugePng(file, 30_000);
  const before = process.memoryUsage.rss();
  await assert.rejects(inspect({ path: file }), failsWith('too-large'));
  await assert.rejects(record({ path: file }, { side: 128 }), failsWith('too-large'));
  assert.ok(process.memoryUsage.rss() - before < 200_000_000);
});
