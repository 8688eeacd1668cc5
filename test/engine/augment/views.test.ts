import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { drawViewRandom, viewRandomSpec } from '../../../src/engine/augment/random.ts';
import { viewPreset, viewPresets } from '../../../src/engine/augment/presets.ts';
import type { ViewPreset } from '../../../src/engine/augment/types.ts';
import { randomViews } from '../../../src/engine/augment/views.ts';
import { generator } from '../../../src/engine/data/random.ts';
import type { HostTree } from '../../../src/engine/nn/types.ts';
import { tf } from '../../../src/engine/tf.ts';
import { toTensors, useEager } from '../support/eager.ts';

const still: ViewPreset = {
  name: 'still',
  summary: 'The whole image, unchanged.',
  area: [1, 1],
  logAspect: 0,
  flipHorizontal: 0,
  flipVertical: 0,
  quarterTurn: 0,
  brightness: 0,
  contrast: 0,
  saturation: 0,
  hue: 0,
  stain: 0,
  greyscale: 0,
  blur: { probability: 0, sigma: [0, 0] },
  solarize: 0,
};
const side = 16;
const batch = 3;
const pixels = generator(1, 'pixels').uniform(batch * side * side * 3);
const wholeBoxes = Array.from({ length: batch }, () => [0, 0, 1, 1]);

/** Views as [view · batch][channel][row][column] of plain numbers. */
function views(
  preset: ViewPreset,
  options: { data?: Float32Array; boxes?: number[][]; size?: number; count?: number; random?: HostTree } = {},
): number[][][][] {
  const { data = pixels, boxes = wholeBoxes, size = side, count = 1 } = options;
  const random = options.random ?? drawViewRandom(preset, count * batch, generator(2, 'views'));
  return tf.tidy(() =>
    randomViews(
      tf.tensor4d(data, [batch, side, side, 3]),
      tf.tensor2d(boxes),
      toTensors(random),
      preset,
      size,
      count,
    ).arraySync(),
  );
}
const source = (image: number, row: number, column: number, channel: number): number =>
  pixels[((image * side + row) * side + column) * 3 + channel] as number;

function assertPixels(
  actual: number[][][][],
  expected: (n: number, c: number, y: number, x: number) => number,
  tolerance = 0,
): void {
  actual.forEach((image, n) =>
    image.forEach((plane, c) =>
      plane.forEach((line, y) =>
        line.forEach((value, x) => {
          const wanted = expected(n, c, y, x);
          assert.ok(
            Math.abs(value - wanted) <= tolerance,
            `image ${n} channel ${c} at ${y},${x}: ${value} for ${wanted}`,
          );
        }),
      ),
    ),
  );
}
/** All draws of the preset as this constant. */
const constant = (preset: ViewPreset, value: number, but: Record<string, number> = {}): HostTree =>
  Object.fromEntries(
    Object.entries(viewRandomSpec(preset, batch)).map(([name, spec]) => [
      name,
      { ...spec, data: new Float32Array(batch * (spec.shape[1] ?? 1)).fill(but[name] ?? value) },
    ]),
  );

before(useEager);

test('a preset that changes nothing gives the image back', () => {
  assertPixels(views(still), (n, c, y, x) => source(n, y, x, c));
});

test('flips and quarter turns are exact', () => {
  const end = side - 1;
  assertPixels(views({ ...still, flipHorizontal: 1 }), (n, c, y, x) => source(n, y, end - x, c));
  assertPixels(views({ ...still, flipVertical: 1 }), (n, c, y, x) => source(n, end - y, x, c));
  assertPixels(views({ ...still, quarterTurn: 1 }), (n, c, y, x) => source(n, x, y, c));
  assertPixels(views({ ...still, quarterTurn: 1, flipHorizontal: 1 }), (n, c, y, x) => source(n, x, end - y, c));
});

test('chances are per image and follow the draws', () => {
  const preset = { ...still, flipHorizontal: 0.5 };
  const random = constant(preset, 0);
  random['views.flipHorizontal'] = { shape: [batch, 1], dtype: 'float32', data: Float32Array.of(0.49, 0.5, 0.1) };
  assertPixels(views(preset, { random }), (n, c, y, x) => source(n, y, n === 1 ? x : side - 1 - x, c));
});

test('a crop samples between pixel centres, mirrored at the edges of the image', () => {
  const preset: ViewPreset = { ...still, area: [0.25, 0.25] };
  // A quarter of the area at left, top of the room left over.
  assertPixels(
    views(preset, { random: constant(preset, 0), size: side / 2 }),
    (n, c, y, x) => source(n, y, x, c),
    1e-6,
  );
  const wide: ViewPreset = { ...still, area: [1, 1], logAspect: Math.log(4) };
  // Aspect 4: half the height, twice the width, so each side shows half of the image mirrored.
  const seen = views(wide, { random: constant(wide, 0.5, { 'views.aspect': 1 }), size: side });
  const mirrored = (x: number): number => {
    const first = -side / 2 + 2 * x;
    const one = (p: number): number => (p < 0 ? -1 - p : p >= side ? 2 * side - 1 - p : p);
    return (one(first) + one(first + 1)) / 2;
  };
  seen.forEach((image, n) =>
    image.forEach((plane, c) => {
      for (const x of [1, 4, 7, 12, 14]) {
        const columns = [Math.floor(mirrored(x)), Math.ceil(mirrored(x))];
        // Output row 0 lies between source rows 3.75 and 4.25 of the middle half.
        const value = (row: number): number =>
          columns.reduce((sum, column) => sum + source(n, row, column, c), 0) / columns.length;
        const expected = 0.25 * value(3) + 0.75 * value(4);
        assert.ok(Math.abs((plane[0]?.[x] as number) - expected) < 1e-5);
      }
    }),
  );
});

test('nothing from outside the content box is ever seen', () => {
  const boxes = [
    [0, 0.25, 1, 0.75],
    [0.25, 0, 0.75, 1],
    [0.5, 0.5, 0.625, 0.625],
  ];
  const inside = (n: number, y: number, x: number): boolean => {
    const [top, left, bottom, right] = (boxes[n] as number[]).map((edge) => edge * side) as [
      number,
      number,
      number,
      number,
    ];
    return y >= top && y < bottom && x >= left && x < right;
  };
  const data = Float32Array.from({ length: batch * side * side * 3 }, (_, k) => {
    const place = Math.floor(k / 3);
    return inside(Math.floor(place / side ** 2), Math.floor(place / side) % side, place % side) ? 1 : 0;
  });
  const spatial: ViewPreset = { ...viewPreset('any-orientation'), brightness: 0, contrast: 0, saturation: 0 };
  for (let step = 0; step < 20; step++) {
    const random = drawViewRandom(spatial, batch, generator(3, 'views', step));
    assertPixels(views(spatial, { data, boxes, random, size: 12 }), () => 1, 1e-5);
  }
});

/** The colour change in the order it is documented, pixel by pixel in float64. */
function changedColour(image: number[][], change: { b: number; c: number; s: number }): number[][] {
  const bright = image.map((pixel) => pixel.map((value) => value * change.b));
  const mean = bright.flat().reduce((a, b) => a + b, 0) / (bright.length * 3);
  return bright.map((pixel) => {
    const contrasted = pixel.map((value) => mean + change.c * (value - mean)) as [number, number, number];
    const grey = 0.299 * contrasted[0] + 0.587 * contrasted[1] + 0.114 * contrasted[2];
    return contrasted.map((value) => Math.min(1, Math.max(0, grey + change.s * (value - grey))));
  });
}

test('brightness, contrast and saturation are what they are in plain numbers', () => {
  const preset: ViewPreset = { ...still, brightness: 0.25, contrast: 0.25, saturation: 0.125 };
  const draws = { b: [0.9, 0.1, 0.5], c: [0.2, 0.95, 0.7], s: [0.9, 0.05, 0.3] };
  const random = constant(preset, 0.5);
  const put = (name: string, data: number[]): void => {
    random[name] = { shape: [batch, 1], dtype: 'float32', data: Float32Array.from(data) };
  };
  put('views.brightness', draws.b);
  put('views.contrast', draws.c);
  put('views.saturation', draws.s);
  const expected = Array.from({ length: batch }, (_, n) =>
    changedColour(
      Array.from({ length: side * side }, (_, p) => [0, 1, 2].map((c) => source(n, Math.floor(p / side), p % side, c))),
      {
        b: 0.75 + 0.5 * (draws.b[n] as number),
        c: 0.75 + 0.5 * (draws.c[n] as number),
        s: 0.875 + 0.25 * (draws.s[n] as number),
      },
    ),
  );
  assertPixels(views(preset, { random }), (n, c, y, x) => expected[n]?.[y * side + x]?.[c] as number, 1e-5);
});

test('greyscale, stain and solarize are what they are in plain numbers', () => {
  const grey = (n: number, y: number, x: number): number =>
    0.299 * source(n, y, x, 0) + 0.587 * source(n, y, x, 1) + 0.114 * source(n, y, x, 2);
  assertPixels(views({ ...still, greyscale: 1 }), (n, _, y, x) => grey(n, y, x), 1e-6);
  const inverted = (value: number): number => (value >= 0.5 ? 1 - value : value);
  assertPixels(views({ ...still, solarize: 1 }), (n, c, y, x) => inverted(source(n, y, x, c)), 1e-6);
  const stain: ViewPreset = { ...still, stain: 0.5 };
  const random = constant(stain, 0);
  random['views.stain'] = {
    shape: [batch, 3],
    dtype: 'float32',
    data: Float32Array.of(0, 0.5, 0.9, 0, 0, 0, 0.5, 0.5, 0.5),
  };
  const power = [0.5, 1, 1.4, 0.5, 0.5, 0.5, 1, 1, 1];
  assertPixels(
    views(stain, { random }),
    (n, c, y, x) => Math.max(source(n, y, x, c), 1 / 255) ** (power[n * 3 + c] as number),
    1e-5,
  );
});

test('a turned hue keeps the grey value, and half a turn of hue twice is none', () => {
  const grey = ([r, g, b]: number[]): number => 0.299 * (r as number) + 0.587 * (g as number) + 0.114 * (b as number);
  const gentle = Float32Array.from(pixels, (value) => 0.4 + 0.2 * value);
  const preset: ViewPreset = { ...still, hue: Math.PI };
  const once = views(preset, { data: gentle, random: constant(preset, 0) });
  const back = Float32Array.from({ length: gentle.length }, (_, k) => {
    const place = Math.floor(k / 3);
    const [n, y, x] = [Math.floor(place / side ** 2), Math.floor(place / side) % side, place % side];
    return once[n]?.[k % 3]?.[y]?.[x] as number;
  });
  for (let k = 0; k < gentle.length; k += 3) {
    assert.ok(Math.abs(grey([...gentle.subarray(k, k + 3)]) - grey([...back.subarray(k, k + 3)])) < 1e-3);
  }
  assert.ok(back.some((value, k) => Math.abs(value - (gentle[k] as number)) > 0.05));
  const twice = views(preset, { data: back, random: constant(preset, 0) });
  assertPixels(twice, (n, c, y, x) => gentle[((n * side + y) * side + x) * 3 + c] as number, 2e-3);
});

test('blur keeps an even image even, spreads a point as a Gaussian and skips images by chance', () => {
  const preset: ViewPreset = { ...still, blur: { probability: 0.5, sigma: [1.5, 1.5] } };
  const data = new Float32Array(pixels.length);
  for (let n = 0; n < batch; n++) data[((n * side + 8) * side + 8) * 3] = 1;
  for (let k = 1; k < data.length; k += 3) data[k] = 0.5;
  const random = constant(preset, 0, { 'views.blurSigma': 0 });
  random['views.blur'] = { shape: [batch, 1], dtype: 'float32', data: Float32Array.of(0.2, 0.8, 0.2) };
  const seen = views(preset, { data, random });
  const weight = (offset: number): number => Math.exp(-(offset ** 2) / (2 * 1.5 ** 2));
  // Each row is normalised over what lies within the image.
  const total = (row: number): number =>
    Array.from({ length: side }, (_, j) => weight(row - j)).reduce((a, b) => a + b, 0);
  const gaussian = (y: number, x: number): number => (weight(y - 8) * weight(x - 8)) / (total(y) * total(x));
  assertPixels(
    seen,
    (n, c, y, x) => (c === 1 ? 0.5 : c === 2 ? 0 : n === 1 ? (y === 8 && x === 8 ? 1 : 0) : gaussian(y, x)),
    1e-5,
  );
});

test('the draws decide the views: same draws, same views; two views of one image differ', () => {
  for (const preset of viewPresets) {
    const draw = (step: number): HostTree => drawViewRandom(preset, 2 * batch, generator(4, 'views', step));
    const first = views(preset, { count: 2, size: 12, random: draw(0) });
    assert.equal(first.length, 2 * batch);
    assert.deepEqual(views(preset, { count: 2, size: 12, random: draw(0) }), first);
    assert.notDeepEqual(views(preset, { count: 2, size: 12, random: draw(1) }), first);
    assert.notDeepEqual(first[0], first[batch]);
    assert.ok(first.flat(3).every((value) => value >= 0 && value <= 1));
  }
});

test('views of a step leave no tensors behind', () => {
  const preset = viewPreset('natural');
  const inputs = toTensors(drawViewRandom(preset, 2 * batch, generator(5, 'views')));
  const images = tf.tensor4d(pixels, [batch, side, side, 3]);
  const boxes = tf.tensor2d(wholeBoxes);
  const before = tf.memory().numTensors;
  tf.tidy(() => randomViews(images, boxes, inputs, preset, 12, 2)).dispose();
  assert.equal(tf.memory().numTensors, before);
});
