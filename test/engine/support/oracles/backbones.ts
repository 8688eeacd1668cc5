import { z } from 'zod';
import { backbone as backboneNamed } from '../../../../src/engine/backbones/registry.ts';
import type { Backbone } from '../../../../src/engine/backbones/types.ts';
import type { Executor, HostTree, Program, Tree } from '../../../../src/engine/nn/types.ts';
import type { tf } from '../../../../src/engine/tf.ts';
import { torchShape } from '../../../../src/engine/weights/layout.ts';
import { loadBackboneWeights } from '../../../../src/engine/weights/load.ts';
import { readSafetensors } from '../../../../src/engine/weights/safetensors.ts';
import { relativeError } from '../eager.ts';
import { formulaImages, formulaTensor, formulaTree } from '../formula.ts';
import { absent, type Finding } from './finding.ts';

const tolerance = 1e-4;

/** timm's name of each backbone, and of its classifier. */
const timmNames: Readonly<Record<string, { name: string; classifier: string }>> = {
  tf_efficientnet_lite0: { name: 'efficientnet-lite0', classifier: 'classifier' },
  tf_efficientnet_lite1: { name: 'efficientnet-lite1', classifier: 'classifier' },
  tf_efficientnet_lite2: { name: 'efficientnet-lite2', classifier: 'classifier' },
  efficientnet_b0: { name: 'efficientnet-b0', classifier: 'classifier' },
  efficientnet_b1: { name: 'efficientnet-b1', classifier: 'classifier' },
  efficientnet_b2: { name: 'efficientnet-b2', classifier: 'classifier' },
  efficientnet_b3: { name: 'efficientnet-b3', classifier: 'classifier' },
  efficientnet_b4: { name: 'efficientnet-b4', classifier: 'classifier' },
  resnet18: { name: 'resnet18', classifier: 'fc' },
  resnet34: { name: 'resnet34', classifier: 'fc' },
  resnet50: { name: 'resnet50', classifier: 'fc' },
  resnetv2_50x1_bit: { name: 'bit-resnet50x1', classifier: 'head.fc' },
  resnetv2_101x1_bit: { name: 'bit-resnet101x1', classifier: 'head.fc' },
  vit_small_patch16_224: { name: 'vit-small-patch16', classifier: 'head' },
};

/** Normalisations the reference files speak of. */
const ranges: Readonly<Record<string, (value: number) => number>> = {
  '(u+1)/2 then *2-1': (value) => 2 * value - 1,
  '(u+1)/2, then (255x - 127)/128': (value) => (255 * value - 127) / 128,
};

const inputSchema = z.object({
  batch: z.int().positive(),
  size: z.int().positive(),
  seed: z.int(),
  range: z.enum(Object.keys(ranges) as [string, ...string[]]),
});
const rows = z.array(z.array(z.number()));

const formulaSchema = z.object({
  timm: z.string(),
  input: inputSchema,
  names: z.record(z.string(), z.array(z.int())).nullish(),
  features_first16: rows,
  features_norm: z.array(z.number()),
  logits: rows,
});

const pretrainedSchema = z.object({
  weights: z.string(),
  input: inputSchema,
  features_first16: rows,
  features_norm: z.array(z.number()),
  /** The five highest of every image, image after image. */
  logits_top5: z.array(z.tuple([z.int(), z.number()])),
});

/** Compares a backbone, filled by the formula, with `backbone_<timm name>_<side>.json`. */
export async function checkFormulaBackbone(json: unknown, executor: Executor): Promise<Finding[]> {
  const oracle = formulaSchema.parse(json);
  const known = timmNames[oracle.timm];
  if (!known) return [absent(oracle.timm, 'no such backbone yet')];
  const backbone = backboneNamed(known.name);
  const output = await features(backbone, formulaTree(backbone), oracle.input, executor);
  const classes = oracle.logits[0]?.length ?? 0;
  const weight = formulaTensor(
    `${known.classifier}.weight`,
    classifierShape(oracle, known.classifier, classes, backbone),
  );
  const bias = formulaTensor(`${known.classifier}.bias`, [classes]);
  const logits = output.flatMap((row) => classify(row, weight, bias));
  return [
    ...(oracle.names
      ? [{ what: 'names and shapes', error: mismatches(oracle.names, backbone, known.classifier), tolerance: 0 }]
      : []),
    ...featureFindings(output, oracle),
    { what: 'logits', error: relativeError(logits, oracle.logits.flat()), tolerance },
  ];
}

/** Compares pretrained weights with `pretrained_<backbone>_<side>.json`. @param file path of the weights */
export async function checkPretrained(
  json: unknown,
  name: string,
  file: string,
  executor: Executor,
): Promise<Finding[]> {
  const oracle = pretrainedSchema.parse(json);
  const backbone = backboneNamed(name);
  const output = await features(backbone, await loadBackboneWeights(backbone, file), oracle.input, executor);
  const { tensors } = await readSafetensors(file);
  const classifier = Object.values(timmNames).find((known) => known.name === name)?.classifier ?? '';
  const [weight, bias] = ['weight', 'bias'].map((part) => tensors[`${classifier}.${part}`]?.data as Float32Array);
  const logits = output.map((row) => classify(row, weight as Float32Array, bias as Float32Array));
  const perImage = oracle.logits_top5.length / output.length;
  const ours = oracle.logits_top5.map(([index], i) => logits[Math.floor(i / perImage)]?.[index] ?? NaN);
  return [
    ...featureFindings(output, oracle),
    {
      what: 'highest logits',
      error: relativeError(
        ours,
        oracle.logits_top5.map(([, value]) => value),
      ),
      tolerance,
    },
  ];
}

/** Name of the weights file a pretrained reference is about. */
export const pretrainedWeights = (json: unknown): string => pretrainedSchema.parse(json).weights;

function featureFindings(
  output: readonly Float32Array[],
  oracle: { features_first16: readonly (readonly number[])[]; features_norm: readonly number[] },
): Finding[] {
  const first16 = output.flatMap((row) => [...row.subarray(0, 16)]);
  const norms = output.map((row) => Math.hypot(...row));
  return [
    { what: 'features, first 16', error: relativeError(first16, oracle.features_first16.flat()), tolerance },
    { what: 'features, norm', error: relativeError(norms, oracle.features_norm), tolerance },
  ];
}

/** Pooled features of the formula's images, image by image. */
async function features(
  backbone: Backbone,
  tree: HostTree,
  { batch, size, seed, range }: z.infer<typeof inputSchema>,
  executor: Executor,
): Promise<Float32Array[]> {
  const shape = [batch, size, size, 3];
  const data = formulaImages(batch, size, seed, ranges[range] as (value: number) => number);
  const program = await executor.compile(featureProgram(backbone, shape));
  try {
    await program.load(tree);
    const { features: result } = await program.run({
      batch: { images: { shape, dtype: 'float32', data } },
      hyper: {},
      random: {},
    });
    const values = result?.data as Float32Array;
    return Array.from({ length: batch }, (_, i) => values.slice(i * backbone.features, (i + 1) * backbone.features));
  } finally {
    await program.dispose();
  }
}

/** A backbone in evaluation mode as a program. @param shape of the images */
export function featureProgram(backbone: Backbone, shape: readonly number[]): Program {
  const state = Object.fromEntries(
    backbone.params.map((spec) => [spec.name, { shape: spec.shape, dtype: 'float32' as const }]),
  );
  return {
    name: `features of ${backbone.name}`,
    signature: { state, batch: { images: { shape, dtype: 'float32' } }, hyper: {}, random: {} },
    step: ({ state: params, batch }: { state: Tree; batch: Tree }) => ({
      state: {},
      metrics: { features: backbone.forward(params, batch['images'] as tf.Tensor4D, 'frozen').features },
    }),
  };
}

/** weight · row + bias, with the weight in PyTorch's layout [classes, features]. */
function classify(row: Float32Array, weight: Float32Array, bias: Float32Array): number[] {
  return Array.from(bias, (offset, c) =>
    row.reduce((sum, x, i) => sum + x * (weight[c * row.length + i] as number), offset),
  );
}

function classifierShape(
  { names }: z.infer<typeof formulaSchema>,
  classifier: string,
  classes: number,
  { features: width }: Backbone,
): readonly number[] {
  return names?.[`${classifier}.weight`] ?? [classes, width];
}

/** How many of timm's tensors we lack or shape otherwise, and the other way round. */
function mismatches(
  names: Readonly<Record<string, readonly number[]>>,
  { params }: Backbone,
  classifier: string,
): number {
  const theirs = new Map(
    Object.entries(names)
      .filter(([name]) => !name.startsWith(`${classifier}.`) && !name.endsWith('num_batches_tracked'))
      .map(([name, shape]) => [name, shape.join()]),
  );
  const ours = new Map(params.map((spec) => [spec.name, torchShape(spec).join()]));
  const all = new Set([...theirs.keys(), ...ours.keys()]);
  return [...all].filter((name) => theirs.get(name) !== ours.get(name)).length;
}
