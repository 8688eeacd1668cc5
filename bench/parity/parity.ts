/**
 * One lowered step against eager TensorFlow.js for every pair of backbone family and method or regime, on small twins
 * (width ÷ 8, one block per stage, 32 px, batch 4 or 8), and the worst error of each.
 *
 *   node bench/parity/parity.ts [part of a pair's name]
 *
 * Step 1: loss within 1e-5, gradients per tensor within 1e-4; step 3: within 1e-4; or each within 5 times what eager
 * itself changes when its state is changed by 1e-7, which is printed beside it (a mean of cosines may be near 0, where
 * 1e-5 of itself is less than rounding). ReLU has a corner: where an activation is as near to 0 as rounding, one side
 * trains a filter with it and the other does not, and in networks this small one such activation is a part in a hundred.
 * So a pair that is apart is tried with other images, at most 4 in all: what is wrong is wrong with all of them.
 */
import { backbone as backboneNamed } from '../../src/engine/backbones/registry.ts';
import { methods } from '../../src/engine/methods/registry.ts';
import { adaptPair, embedPair, finetunePair, type Pair } from '../../test/engine/methods/pairs.ts';
import { isCancelled } from '../../test/engine/support/cancelled.ts';
import { compareProgram, type StepDistance } from '../../test/engine/support/parity.ts';

const backbones = [
  'efficientnet-lite0',
  'efficientnet-b0',
  'resnet18',
  'resnet50',
  'bit-resnet50x1',
  'vit-small-patch16',
];
/** `seed`: of images and views. */
type Make = (backbone: string, seed: number) => Pair;
/** Batch normalisation in three layers magnifies rounding where a batch is as small as 4. */
const others =
  (name: string): Make =>
  (backbone, seed) =>
    // Nine tiles of an image are nine images.
    adaptPair(backbone, name, {}, { batch: name === 'jigsaw' ? 2 : 8, seed });
const programs: Readonly<Record<string, Make>> = {
  byol: (backbone, seed) => adaptPair(backbone, 'byol', {}, { seed }),
  'byol, LayerNorm heads': (backbone, seed) => adaptPair(backbone, 'byol', { headNorm: 'layer' }, { seed }),
  'byol, heads only': (backbone, seed) => adaptPair(backbone, 'byol', {}, { held: true, seed }),
  simclr: (backbone, seed) => adaptPair(backbone, 'simclr', {}, { seed }),
  'simclr, SGD': (backbone, seed) =>
    adaptPair(backbone, 'simclr', { optimizer: 'sgd', learningRate: 0.01, headRate: 0.01 }, { seed }),
  ...Object.fromEntries(
    methods.flatMap(({ name }) => (['byol', 'simclr'].includes(name) ? [] : [[name, others(name)]])),
  ),
  'byol, raw to augmented': (backbone, seed) => adaptPair(backbone, 'byol', { pairing: 'raw-to-augmented' }, { seed }),
  'fine-tune norm': (backbone, seed) => finetunePair(backbone, 'norm', { seed }),
  'fine-tune all': (backbone, seed) => finetunePair(backbone, 'all', { seed }),
  embed: (backbone) => embedPair(backbone, 8),
};
/** Frozen statistics are the default; these train with those of the batch. */
const batchStatistics: Readonly<Record<string, Make>> = {
  'simclr, batch statistics': (backbone, seed) =>
    adaptPair(backbone, 'simclr', { statistics: 'batch' }, { batch: 8, seed }),
  'fine-tune all, batch statistics': (backbone, seed) =>
    finetunePair(backbone, 'all', { statistics: 'batch', batch: 8, seed }),
};

const seeds = [3, 4, 5, 6];
const show = (value: number): string => value.toExponential(1);

async function compared(
  backbone: string,
  name: string,
  make: Make,
  seed: number,
): Promise<[text: string, good: boolean]> {
  const { program, state, inputs, cancelled } = make(backbone, seed);
  const inBackbone = isCancelled(backboneNamed(backbone), name.includes('batch statistics') ? 'batch' : 'frozen');
  const leftOut = (entry: string): boolean => inBackbone(entry) || cancelled?.(entry) === true;
  const { steps, perturbed } = await compareProgram(program, state, inputs, undefined, leftOut);
  const [first, last] = [steps[0], steps.at(-1)] as [StepDistance, StepDistance];
  const [ownFirst, own] = [perturbed[0], perturbed.at(-1)] as [StepDistance, StepDistance];
  const good =
    first.loss <= Math.max(1e-5, 5 * ownFirst.loss) &&
    first.gradients <= Math.max(1e-4, 5 * ownFirst.gradients) &&
    last.metrics <= Math.max(1e-4, 5 * own.metrics) &&
    last.state <= Math.max(1e-4, 5 * own.state);
  const loss = `${show(first.loss)} (${show(ownFirst.loss)})`;
  const gradients = `${show(first.gradients)} (${show(ownFirst.gradients)})`;
  const later = `${show(last.metrics)} (${show(own.metrics)}), ${show(last.state)} (${show(own.state)})`;
  return [`${loss}, ${gradients} | ${later}`, good];
}

const [wanted = ''] = process.argv.slice(2);
let failed = 0;
console.log('pair | step 1: loss, gradients (eager’s own) | step 3: metrics, state (eager’s own)');
for (const backbone of backbones) {
  const all = { ...programs, ...(backboneNamed(backbone).norm === 'batch' ? batchStatistics : {}) };
  for (const [name, make] of Object.entries(all)) {
    const title = `${backbone} × ${name}`;
    if (!title.includes(wanted)) continue;
    for (const [at, seed] of seeds.entries()) {
      const [text, good] = await compared(backbone, name, make, seed);
      const isLast = good || at === seeds.length - 1;
      if (!good && isLast) failed++;
      const verdict = good ? 'ok' : isLast ? 'APART' : 'apart with these images';
      console.log(`${title} | ${text} | ${verdict}`);
      if (isLast) break;
    }
  }
}
process.exitCode = failed === 0 ? 0 : 1;
