import { statfs } from 'node:fs/promises';
import type { Needs, Speed } from '../../contract/machine.ts';
import type { Manifest, RunSpec } from '../../contract/run-files.ts';
import type { Plan } from '../../contract/runs.ts';
import { diskBytes, stageSeconds, workloadOf } from './estimate.ts';
import type { Settings } from './settings.ts';
import type { StageName } from './one-click.ts';

/** What a run would do, and how long on this computer. */
export async function planOf(
  manifest: Manifest,
  settings: Settings,
  { check, shots, fraction }: RunSpec['protocol'],
  speed: Speed,
  needs: Needs,
  runsFolder: string,
  notes: readonly string[],
  smaller: Plan['smaller'],
  keptColumns: readonly string[],
): Promise<Plan> {
  const work = workloadOf(manifest, settings);
  const groups = new Set(manifest.training.map(({ group }) => group));
  const bytes = diskBytes(work, settings, needs);
  const { bavail, bsize } = await statfs(runsFolder);
  return {
    images: manifest.images.length,
    adaptationImages: work.adaptationImages,
    trainingLabels: manifest.training.length,
    checkImages: check === 'reserved' ? manifest.check.length : 0,
    checkGroups: manifest.groups === undefined ? 0 : Math.max(0, manifest.groups - groups.size),
    classes: manifest.classes.map(({ name }) => name),
    backbone: settings.backbone.name,
    method: settings.method.name,
    regimes: settings.regimes,
    size: settings.size,
    epochs: settings.adapt.epochs,
    seeds: settings.adapt.seeds,
    draws: settings.draws,
    shots: shots ?? null,
    fraction: fraction ?? null,
    labelsPerClass: labelsPerClass(manifest),
    columns: manifest.columns ?? [],
    keptColumns: [...keptColumns],
    provider: speed.provider,
    stages: stageSeconds('one-click', work, settings, speed).map(({ name, seconds }) => ({
      name,
      what: sentences[name as StageName](work.adaptationImages, settings),
      seconds: rangeOf(seconds),
    })),
    diskBytes: bytes,
    memoryBytes: needs.memoryBytes,
    freeBytes: bavail * bsize,
    freeMemoryBytes: process.availableMemory(),
    smaller,
    advice: [...notes, ...advice(manifest, settings, check), ...diskAdvice(bytes, bavail * bsize)],
  };
}

/** Fewest and most labels of a class in a draw. Chance does not change how many a class has, so any draw tells. */
function labelsPerClass({ classes, training, draws }: Manifest): [number, number] {
  const drawn = new Set(draws[0]?.train);
  const counts = classes.map(
    (_, index) => training.filter((label) => label.class === index && drawn.has(label.image)).length,
  );
  return [Math.min(...counts), Math.max(...counts)];
}

/** One step was timed; decoding, other programs and a warm machine move the rest. */
const rangeOf = (seconds: number): [number, number] => [Math.floor(seconds * 0.8), Math.ceil(seconds * 1.5 + 1)];

const sentences: Record<StageName, (adaptationImages: number, settings: Settings) => string> = {
  prepare: () => 'look at each image it needs once',
  adapt: (images, { adapt }) =>
    `learn from ${images} images, ${adapt.epochs} pass${adapt.epochs === 1 ? '' : 'es'}${adapt.seeds > 1 ? `, ${adapt.seeds} times` : ''}`,
  train: (_, { draws }) => `train with your labels, with and without step 2, ${draws} times`,
  check: () => 'check both on images kept apart',
  write: () => 'write the model that won',
};

/** Below this many check images the score comes from repeated splits. */
const adviceBelowImages = 100;

function advice(manifest: Manifest, settings: Settings, check: 'reserved' | 'repeated'): string[] {
  const counts = manifest.classes.map(
    ({ name }, index) => [name, manifest.training.filter((label) => label.class === index).length] as const,
  );
  const sorted = [...counts].sort((a, b) => a[1] - b[1]);
  const [fewest, most] = [sorted[0], sorted.at(-1)];
  const said: string[] = [];
  const usesAllLabels = settings.shots === null && settings.fraction === null;
  if (usesAllLabels && fewest && fewest[1] < 10) said.push('10 per class usually learns clearly better than 5.');
  if (check === 'repeated') {
    said.push('Fewer than 30 check images are labelled, so the score comes from repeated splits of all labels.');
    if (!usesAllLabels) said.push('Each split trains with all labels it does not hold out, not with a few per class.');
  } else if (manifest.check.length < adviceBelowImages) {
    const n = manifest.check.length;
    said.push(`Only ${n} check images: with 30 the score can be off by 10 either way, with 100 by 6.`);
  }
  if (fewest && most && most[1] >= 10 * fewest[1]) {
    said.push(
      `${most[0]} has ${Math.round(most[1] / fewest[1])} times as many labels as ${fewest[0]}. Training is balanced for this; look at the rare classes, not at the total.`,
    );
  }
  if (manifest.groups === undefined) {
    said.push('No groups: nobody can tell how it does on a new patient, slide or plate.');
  } else {
    for (const [index, { name }] of manifest.classes.entries()) {
      const from = new Set(manifest.training.filter((label) => label.class === index).map(({ group }) => group));
      if (from.size === 1) {
        said.push(
          `${name} comes from one group only. It can be learned, but nobody can tell whether it would be recognised in another.`,
        );
      }
    }
  }
  return said;
}

const diskAdvice = (needed: number, free: number): string[] =>
  needed > free ? [`This needs about ${(needed / 1e9).toFixed(1)} GB and ${(free / 1e9).toFixed(1)} GB is free.`] : [];
