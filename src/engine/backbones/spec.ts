import type { ParamRole, ParamSpec } from './types.ts';

/** Same network, narrower and shallower, for tests that run it eagerly. */
export interface Shrink {
  readonly widthDivisor: number;
  readonly blocksPerStage: number;
}

/** Channels after narrowing. */
export const narrowed = (channels: number, shrink: Shrink | undefined): number =>
  Math.max(1, Math.round(channels / (shrink?.widthDivisor ?? 1)));

/** Blocks of a stage after shortening. */
export const shortened = (blocks: number, shrink: Shrink | undefined): number =>
  Math.min(blocks, shrink?.blocksPerStage ?? blocks);

export const convSpec = (name: string, kernel: number, inputs: number, outputs: number): ParamSpec => ({
  name: `${name}.weight`,
  shape: [kernel, kernel, inputs, outputs],
  role: 'conv',
});

/** A vector beside a weight. */
export const biasSpec = (name: string, outputs: number): ParamSpec => ({
  name: `${name}.bias`,
  shape: [outputs],
  role: 'bias',
});

export const biasedConvSpecs = (name: string, kernel: number, inputs: number, outputs: number): ParamSpec[] => [
  convSpec(name, kernel, inputs, outputs),
  biasSpec(name, outputs),
];

export const denseSpecs = (name: string, inputs: number, outputs: number): ParamSpec[] => [
  { name: `${name}.weight`, shape: [inputs, outputs], role: 'dense' },
  biasSpec(name, outputs),
];

export const depthwiseSpec = (name: string, kernel: number, channels: number): ParamSpec => ({
  name: `${name}.weight`,
  shape: [kernel, kernel, channels, 1],
  role: 'depthwise',
});

/** Scale and shift of a normalisation that keeps no statistics. */
export const affineSpecs = (name: string, channels: number): ParamSpec[] =>
  vectors(name, channels, [
    ['weight', 'scale'],
    ['bias', 'shift'],
  ]);

/** Scale, shift and running statistics of a batch normalisation. */
export const batchNormSpecs = (name: string, channels: number): ParamSpec[] => [
  ...affineSpecs(name, channels),
  ...vectors(name, channels, [
    ['running_mean', 'mean'],
    ['running_var', 'variance'],
  ]),
];

const vectors = (name: string, channels: number, parts: readonly (readonly [string, ParamRole])[]): ParamSpec[] =>
  parts.map(([part, role]) => ({ name: `${name}.${part}`, shape: [channels], role }));
