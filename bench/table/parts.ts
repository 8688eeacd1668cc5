import { viewPresets } from '../../src/engine/augment/presets.ts';

/** The table of the field: which runs it is made of. Each grid is one call of `acclimate compare`. */
export const sets = ['rsscn7', 'pbc_blood'] as const;

export interface Part {
  /** `a` to `e` as docs/results.md names them. */
  readonly part: string;
  readonly name: string;
  readonly grids: readonly Readonly<Record<string, unknown>>[];
}

/** One seed of everything, so that all rows of a set are paired: the same draws, the same check images. */
const common = { seed: 1, size: 96, maxImages: 2500 };
const once = { ...common, epochs: 4, seeds: 1 };

/** `supcon` alone is not among them: it would need labels that all draws share. */
const methods: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ...Object.fromEntries(
    [
      'byol',
      'simclr',
      'dino',
      'vicreg',
      'barlow-twins',
      'swav',
      'simsiam',
      'obow',
      'rotation',
      'bownet',
      'jigsaw',
      'relative-patch',
      'colorization',
      'autoencoder',
    ].map((method) => [method, { method }]),
  ),
  'byol (raw to augmented)': { method: 'byol', methodSettings: { pairing: 'raw-to-augmented' } },
};

/** Labels per class that a part tells of. */
export const shotsOf = (part: string): number[] => (part === 'b' || part === 'e' ? [5, 20] : [1, 5, 10, 20]);

/** Far beyond what is asked of adapted models, to see how many labels they save. */
const manyLabels = [1, 5, 10, 20, 50, 100];

/** @param best methods that the later parts are about, the best first */
export function partsOf(best: readonly string[]): Part[] {
  const named = (name: string): Readonly<Record<string, unknown>> => methods[name] ?? { method: name };
  const probe = (name: string) => ({
    ...once,
    ...named(name),
    regime: 'probe',
    draws: 10,
    shots: name === 'byol' ? manyLabels : shotsOf('a'),
  });
  return [
    ...Object.keys(methods).map((name) => ({ part: 'a', name, grids: [probe(name)] })),
    ...best.slice(0, 3).map((name) => ({
      part: 'b',
      name,
      grids: [
        probe(name),
        { ...once, ...named(name), draws: 5, shots: shotsOf('b'), regime: ['norm', 'staged', 'full'] },
      ],
    })),
    ...best.slice(0, 3).map((name) => ({
      part: 'c',
      name,
      grids: [{ ...common, ...named(name), epochs: 12, seeds: 3, regime: 'probe', draws: 10, shots: shotsOf('c') }],
    })),
    ...best.slice(0, 2).map((name) => ({
      part: 'd',
      name,
      grids: [{ ...probe(name), backbone: 'efficientnet-lite2' }],
    })),
    // With the default method.
    ...viewPresets.map(({ name }) => ({
      part: 'e',
      name,
      grids: [{ ...once, views: name, regime: 'probe', draws: 10, shots: shotsOf('e') }],
    })),
  ];
}
