import { recordSideOf } from '../../src/contract/run-files.ts';
import { viewPreset } from '../../src/engine/augment/presets.ts';
import { initialise } from '../../src/engine/backbones/initialise.ts';
import { backbone } from '../../src/engine/backbones/registry.ts';
import { generator } from '../../src/engine/data/random.ts';
import { adaptProgram } from '../../src/engine/methods/program.ts';
import { methods, settingsOf } from '../../src/engine/methods/registry.ts';
import { withPrefix } from '../../src/engine/nn/tree.ts';
import type { Executor, HostTree } from '../../src/engine/nn/types.ts';
import { embedProgram } from '../../src/engine/regimes/programs/embed.ts';
import { finetuneProgram } from '../../src/engine/regimes/programs/finetune.ts';

/** Runs the step once more, with views of its own; what comes back are its metrics. */
export type Step = (i: number) => Promise<HostTree>;

export interface StepChoice {
  readonly work: string;
  readonly backbone: string;
  readonly batch: number;
  readonly size: number;
  readonly executor: Executor;
}

/**
 * A step of a method of the registry (`byol`, `simclr`, …), a fine-tuning step of everything (`finetune`) or an embedding
 * (`embed`) of made-up images, on untrained weights.
 */
export async function prepareStep({ work, backbone: name, batch, size, executor }: StepChoice): Promise<Step> {
  const recordSide = recordSideOf(size);
  const net = backbone(name);
  const views = viewPreset('any-orientation');
  const weights = initialise(net, generator(1, 'weights'));
  const moment = (i: number) => ({ step: 1000 + i, stepsPerEpoch: 100, epochs: 100 });
  const pixels = batch * recordSide * recordSide * 3;
  const images: HostTree = {
    images: {
      shape: [batch, recordSide, recordSide, 3],
      dtype: 'uint8',
      data: Uint8Array.from(generator(2, 'images').uniform(pixels), (value) => 256 * value),
    },
    boxes: {
      shape: [batch, 4],
      dtype: 'float32',
      data: Float32Array.from({ length: 4 * batch }, (_, i) => Number(i % 4 > 1)),
    },
  };

  const adaptation = methods.find((known) => known.name === work);
  if (adaptation) {
    const settings = settingsOf(adaptation, {});
    const context = { backbone: net, settings, batch, recordSide, size, views, backboneOf: backbone };
    const program = adaptProgram(adaptation.objective(context), context);
    const teacher = adaptation.teacher?.(settings);
    const taught = teacher && initialise(backbone(teacher.backbone), generator(1, 'weights'));
    const compiled = await executor.compile(program);
    await compiled.load(program.initialState(weights, generator(1, 'heads'), taught));
    const none: HostTree = { labels: { shape: [batch], dtype: 'int32', data: new Int32Array(batch).fill(-1) } };
    return (i: number) =>
      compiled.run({
        batch: { ...images, ...('labels' in program.signature.batch && none) },
        hyper: program.hyper(moment(i)),
        random: program.random(generator(1, 'views', i)),
      });
  }
  if (work === 'embed') {
    const compiled = await executor.compile(embedProgram({ backbone: net, batch, recordSide, size, turns: 1 }));
    await compiled.load(withPrefix(weights, 'backbone.'));
    return () => compiled.run({ batch: images, hyper: {}, random: {} });
  }
  const classes = 8;
  const program = finetuneProgram({
    backbone: net,
    statistics: 'frozen',
    classes,
    batch,
    recordSide,
    size,
    views,
    trains: 'all',
  });
  const compiled = await executor.compile(program);
  const head: HostTree = {
    'head.weight': { shape: [net.features, classes], dtype: 'float32', data: new Float32Array(net.features * classes) },
    'head.bias': { shape: [classes], dtype: 'float32', data: new Float32Array(classes) },
    'head.mean': { shape: [net.features], dtype: 'float32', data: new Float32Array(net.features) },
  };
  await compiled.load(program.initialState(weights, head, generator(1, 'heads')));
  const labelled: HostTree = {
    ...images,
    labels: { shape: [batch], dtype: 'int32', data: Int32Array.from({ length: batch }, (_, i) => i % classes) },
    weights: { shape: [batch], dtype: 'float32', data: new Float32Array(batch).fill(1) },
  };
  return (i: number) =>
    compiled.run({
      batch: labelled,
      hyper: program.hyper(moment(i)),
      random: program.random(generator(1, 'views', i)),
    });
}
