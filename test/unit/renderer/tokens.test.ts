import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { heatOf, strongFrom } from '../../../src/findings/classes.ts';
import { classLook } from '../../../src/renderer/ui/class-look.ts';

type Triple = readonly [number, number, number];

const css = readFileSync(fileURLToPath(new URL('../../../src/renderer/ui/tokens.css', import.meta.url)), 'utf8');

/** The colours of one block of the file, as oklch. */
function colours(block: RegExp): Map<string, Triple> {
  const body = block.exec(css)?.[1];
  assert.ok(body, `${block} is not in tokens.css`);
  const found = [...body.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)];
  return new Map(found.map(([, name, l, c, h]) => [name!, [Number(l), Number(c), Number(h)]]));
}

const themes = {
  dark: colours(/\[data-theme='dark'\] \{([^}]*)\}/),
  light: colours(/\[data-theme='light'\] \{([^}]*)\}/),
  contrast: colours(/\[data-theme='contrast'\] \{([^}]*)\}/),
};
const fixed = colours(/\n:root \{([^}]*)\}/);
const surfaces = ['bg0', 'bg1', 'bg2', 'bg3'];

const oklab = ([l, c, h]: Triple): Triple => [l, c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];

/** Linear light sRGB, clipped to the gamut of the screen. Matrices: Ottosson, "A perceptual color space". */
function linear(colour: Triple): Triple {
  const [L, a, b] = oklab(colour);
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return clipped([
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]);
}
function back([r, g, b]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
const clipped = (colour: readonly number[]): Triple =>
  colour.map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;

const luminance = (colour: Triple): number => {
  const [r, g, b] = linear(colour);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
/** WCAG 2.2. */
function contrast(one: Triple, other: Triple): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Severity 1.0 of Machado, Oliveira and Fernandes 2009, on linear light. */
const sight: Readonly<Record<string, readonly Triple[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const seen = (colour: Triple, rows: readonly Triple[]): Triple => {
  const light = linear(colour);
  return back(clipped(rows.map((row) => row.reduce((sum, factor, at) => sum + factor * light[at]!, 0))));
};

/** Smallest distance between any two, OKLab ×100. */
function smallest(colours: readonly Triple[], rows: readonly Triple[]): number {
  const places = colours.map((colour) => seen(colour, rows));
  const pairs = places.flatMap((one, at) => places.slice(0, at).map((other) => [one, other] as const));
  return 100 * Math.min(...pairs.map(([one, other]) => Math.hypot(...one.map((value, axis) => value - other[axis]!))));
}

const token = (name: string): Triple => {
  const found = fixed.get(name);
  assert.ok(found, name);
  return found;
};
const classes = Array.from({ length: 12 }, (_, at) => token(`class-${at + 1}`));

describe('the colours of the classes', () => {
  const distances = { normal: 16.9, deuteranopia: 5.3, protanopia: 11.9, tritanopia: 8.2 };
  for (const [name, distance] of Object.entries(distances)) {
    test(`any two are ${distance} apart in ${name} sight`, () => {
      assert.equal(Math.round(10 * smallest(classes, sight[name]!)) / 10, distance);
    });
  }

  test('the letters on each can be read', () => {
    classes.forEach((colour, position) => {
      const on = /--([\w-]+)/.exec(classLook(position).on)![1]!;
      assert.ok(contrast(colour, token(on)) >= 4.5, `class ${position + 1}`);
    });
  });

  test('the thirteenth has the colour of the first, and is striped', () => {
    assert.equal(classLook(12).fill, classLook(0).fill);
    assert.deepEqual([classLook(11).striped, classLook(12).striped], [false, true]);
  });

  test('twelve shapes are twelve', () => {
    assert.equal(new Set(classes.map((_, position) => classLook(position).shape)).size, 12);
  });
});

for (const [name, theme] of Object.entries(themes)) {
  describe(`the ${name} theme`, () => {
    const of = (colour: string): Triple => {
      const found = theme.get(colour);
      assert.ok(found, colour);
      return found;
    };
    for (const text of ['fg', 'fg2', 'fg3', 'accent', 'ok', 'warn', 'bad']) {
      test(`${text} can be read on every surface`, () => {
        for (const surface of surfaces) {
          const found = contrast(of(text), of(surface));
          assert.ok(found >= 4.5, `${text} on ${surface}: ${found.toFixed(2)}`);
        }
      });
    }
    test('the edge of a control can be seen on every surface', () => {
      for (const surface of surfaces) {
        const found = contrast(of('edge'), of(surface));
        assert.ok(found >= 3, `edge on ${surface}: ${found.toFixed(2)}`);
      }
    });
    test('the numbers of Confusions can be read on every shade', () => {
      const [toL, toC, hue] = theme.get('ramp-to') ?? themes.dark.get('ramp-to')!;
      const [fromL] = of('bg1');
      for (let images = 1; images <= 100; images++) {
        const heat = heatOf(images, 100);
        // As `color-mix(in oklab, …)` of a grey and the end of the ramp.
        const shade: Triple = [fromL + (toL - fromL) * heat, toC * heat, hue];
        const found = contrast(shade, of(heat >= strongFrom ? 'bg0' : 'fg'));
        assert.ok(found >= 4.5, `${images} of 100: ${found.toFixed(2)}`);
      }
    });
    test('the words of the primary button can be read', () => {
      assert.ok(contrast(of('fill'), of('on-fill')) >= 4.5);
    });
  });
}

test('where the system is light the theme of the system is the light one', () => {
  assert.deepEqual(colours(/\[data-theme='system'\] \{([^}]*)\}/), themes.light);
});
