import { viewPreset } from '../../../src/engine/augment/presets.ts';
import { twin } from '../../../src/engine/backbones/registry.ts';
import type { Backbone, BatchStatistics } from '../../../src/engine/backbones/types.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { adaptProgram } from '../../../src/engine/methods/program.ts';
import { method, settingsOf } from '../../../src/engine/methods/registry.ts';
import type { AdaptContext, Method, Settings } from '../../../src/engine/methods/types.ts';
import type { HostTree, Program } from '../../../src/engine/nn/types.ts';
import { embedProgram } from '../../../src/engine/regimes/programs/embed.ts';
import type { Auxiliary } from '../../../src/engine/regimes/programs/auxiliary.ts';
import type { FinetuneRecipe } from '../../../src/engine/regimes/types.ts';
import { finetuneProgram } from '../../../src/engine/regimes/programs/finetune.ts';
import { formulaTree } from '../support/formula.ts';
import type { ProgramInputs } from '../support/parity.ts';

/** A program on a small twin of a backbone, where it starts, and its first steps. */
export interface Pair {
  readonly program: Program;
  readonly state: HostTree;
  readonly inputs: ProgramInputs[];
  /** State whose gradient is zero but for rounding: what either side computes of it says nothing. */
  readonly cancelled?: (entry: string) => boolean;
}
export interface PairOptions {
  readonly batch?: number;
  readonly recordSide?: number;
  readonly size?: number;
  readonly steps?: number;
  readonly views?: string;
  /** Of images and views. */
  readonly seed?: number;
}

const smallest = { batch: 4, recordSide: 32, size: 32, steps: 3, views: 'any-orientation', seed: 3 };
export const twinOf = (name: string): Backbone => twin(name, { widthDivisor: 8, blocksPerStage: 1 });

/**
 * Weights of the twin by the formula, its convolutions half as large again: by the formula alone the features of the
 * Lite twin are the same for every image to 4 %, and a batch normalisation behind them would magnify rounding.
 */
export function twinWeights(backbone: Backbone): HostTree {
  const convolutions = new Set(backbone.params.filter(({ shape }) => shape.length === 4).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(formulaTree(backbone)).map(([name, tensor]) => [
      name,
      convolutions.has(name) ? { ...tensor, data: Float32Array.from(tensor.data, (value) => 1.5 * value) } : tensor,
    ]),
  );
}

/** Images that differ as photographs do: a coloured wave of its own direction each, with a little noise. */
export function waves(batch: number, side: number, seed: number): HostTree {
  const random = generator(seed, 'images');
  const data = new Uint8Array(batch * side * side * 3);
  for (let n = 0; n < batch; n++) {
    const [fx, fy, phase, r, g, b] = random.uniform(6) as unknown as [number, number, number, number, number, number];
    const noise = random.uniform(side * side * 3);
    for (let k = 0; k < side * side * 3; k++) {
      const [y, x] = [Math.floor(k / 3 / side) / side, (Math.floor(k / 3) % side) / side];
      const wave = 0.5 + 0.4 * Math.sin(2 * Math.PI * (4 * fx * x + 4 * fy * y + phase));
      data[n * side * side * 3 + k] =
        255 * (0.9 * wave * (0.3 + 0.7 * ([r, g, b][k % 3] as number)) + 0.1 * (noise[k] as number));
    }
  }
  const boxes = Float32Array.from({ length: batch * 4 }, (_, k) => [0, 0.125, 1, 0.875][k % 4] as number);
  return {
    images: { shape: [batch, side, side, 3], dtype: 'uint8', data },
    boxes: { shape: [batch, 4], dtype: 'float32', data: boxes },
  };
}

/** Two classes in turn, and every fourth image without a label. */
const labelsOf = (batch: number, step: number): HostTree[string] => ({
  shape: [batch],
  dtype: 'int32',
  data: Int32Array.from({ length: batch }, (_, i) => (i % 4 === 3 ? -1 : (i + step) % 2)),
});

/** Widths of a method's heads as far as it has them. */
const small = ({ settings }: Method): Settings =>
  Object.fromEntries(Object.entries({ hidden: 64, projection: 32, words: 16 }).filter(([name]) => name in settings));

/** An adaptation. `held`: the cheaper program of the warm-up. */
export function adaptPair(
  backboneName: string,
  methodName: string,
  chosen: Settings = {},
  options: PairOptions & { held?: boolean } = {},
): Pair {
  const { batch, recordSide, size, steps, views, seed, held = false } = { ...smallest, ...options };
  const backbone = twinOf(backboneName);
  const found = method(methodName);
  const settings = settingsOf(found, { ...small(found), warmUpEpochs: held ? 1 : 0, ...chosen });
  const context = { backbone, settings, batch, recordSide, size, views: viewPreset(views), backboneOf: twinOf };
  const program = adaptProgram(found.objective(context), context);
  const teacher = found.teacher?.(settings);
  const taught = teacher && twinWeights(twinOf(teacher.backbone));
  return {
    program: held ? program.warmUp : program,
    state: program.initialState(twinWeights(backbone), generator(0, 'heads'), taught),
    inputs: Array.from({ length: steps }, (_, step) => ({
      batch: {
        ...waves(batch, recordSide, 100 * seed + step),
        ...('labels' in program.signature.batch && { labels: labelsOf(batch, step) }),
      },
      hyper: program.hyper({ step, stepsPerEpoch: steps, epochs: 4 }),
      random: program.random(generator(seed, 'views', step)),
    })),
    // A shift of the features is lost in the batch normalisation of the head behind them.
    ...(backbone.norm === 'layer' && settings['headNorm'] === 'batch'
      ? { cancelled: (entry: string) => /(^|\.)backbone\.norm\.bias$/.test(entry) }
      : {}),
  };
}

/** A method's loss to stand beside the supervised one. */
function auxiliaryOf(name: string, weight: number, context: Omit<AdaptContext, 'settings'>): Auxiliary {
  const found = method(name);
  const settings = settingsOf(found, small(found));
  return { objective: found.objective({ ...context, settings }), settings, weight };
}

/** Fine-tuning of three classes. `auxiliary`: name and weight of a method beside it; `beside`: what joins the features. */
export function finetunePair(
  backboneName: string,
  trains: 'norm' | 'all',
  options: PairOptions & {
    statistics?: BatchStatistics;
    beside?: number;
    layerDecay?: number;
    recipe?: FinetuneRecipe;
    auxiliary?: readonly [name: string, weight: number];
  } = {},
): Pair {
  const {
    batch,
    recordSide,
    size,
    steps,
    views,
    seed,
    statistics = 'frozen',
    beside = 0,
  } = { ...smallest, ...options };
  const backbone = twinOf(backboneName);
  const classes = 3;
  const context = { backbone, batch, recordSide, size, views: viewPreset(views), backboneOf: twinOf };
  const program = finetuneProgram({
    backbone,
    statistics,
    classes,
    batch,
    recordSide,
    size,
    views: viewPreset(views),
    beside,
    trains,
    ...(options.recipe && { recipe: options.recipe }),
    ...(options.layerDecay && { layerDecay: options.layerDecay }),
    ...(options.auxiliary && { auxiliary: auxiliaryOf(...options.auxiliary, context) }),
  });
  const random = generator(0, 'head');
  const head: HostTree = {
    'head.weight': {
      shape: [backbone.features + beside, classes],
      dtype: 'float32',
      data: random.normal((backbone.features + beside) * classes),
    },
    'head.bias': { shape: [classes], dtype: 'float32', data: random.normal(classes) },
    'head.mean': { shape: [backbone.features], dtype: 'float32', data: random.uniform(backbone.features) },
  };
  return {
    program,
    state: program.initialState(twinWeights(backbone), head, random),
    inputs: Array.from({ length: steps }, (_, step) => ({
      batch: {
        ...waves(batch, recordSide, 100 * seed + step),
        labels: {
          shape: [batch],
          dtype: 'int32',
          data: Int32Array.from({ length: batch }, (_, i) => (i + step) % classes),
        },
        weights: {
          shape: [batch],
          dtype: 'float32',
          data: Float32Array.from({ length: batch }, (_, i) => 1 + (i % 2)),
        },
        ...(beside > 0 && {
          beside: {
            shape: [batch, beside],
            dtype: 'float32',
            data: generator(seed, 'beside', step).normal(batch * beside),
          },
        }),
      },
      hyper: program.hyper({ step, stepsPerEpoch: steps, epochs: 1 }),
      random: program.random(generator(seed, 'views', step)),
    })),
  };
}

/** Features of whole images. */
export function embedPair(backboneName: string, turns: 1 | 8, options: PairOptions = {}): Pair {
  const { batch, recordSide, size } = { ...smallest, recordSide: 48, ...options };
  const backbone = twinOf(backboneName);
  const program = embedProgram({ backbone, batch, recordSide, size, turns });
  const state = Object.fromEntries(
    Object.entries(twinWeights(backbone)).map(([name, tensor]) => [`backbone.${name}`, tensor]),
  );
  return { program, state, inputs: [{ batch: waves(batch, recordSide, 0), hyper: {}, random: {} }] };
}
