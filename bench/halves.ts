/**
 * What a method brings on one half of the check images, chosen on the other: a method that was chosen because it did
 * best on some images and label draws is told of by others.
 *   npm run bench:halves -- <project> …
 *
 * Reads the runs of the projects (class folders; `acclimate compare` made them) and prints, per set, method, seed of the
 * run and labels per class, the gain on both halves. Half A is for choosing; told of is half B, in runs of another seed,
 * which have other label draws and another adaptation.
 */
import { readdirSync, existsSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { generator } from '../src/engine/data/random.ts';
import { readCells } from '../src/engine/evaluate/cells.ts';
import { compare } from '../src/engine/evaluate/estimates.ts';
import { openRun, type RunFolder } from '../src/engine/jobs/run-folder.ts';

const halves = ['A', 'B'] as const;

/** The class of an image is the folder it lies in. */
function classOf({ manifest }: RunFolder, path: string): number {
  const folders = new Set(path.split(sep));
  const index = manifest.classes.findIndex(({ name }) => folders.has(name));
  if (index < 0) throw new Error(`${path} lies in no folder of a class`);
  return index;
}

/** Images of a half: the same in every run over the same check images. */
function imagesOf({ manifest }: RunFolder, half: (typeof halves)[number]): number[] {
  const ids = [...manifest.check].sort((a, b) => a - b);
  const order = generator(0, 'halves of the check images').permutation(ids.length);
  const middle = Math.floor(ids.length / 2);
  return [...(half === 'A' ? order.subarray(0, middle) : order.subarray(middle))].map((at) => ids[at]!);
}

async function gainOn(run: RunFolder, half: (typeof halves)[number]): Promise<string> {
  const labels = imagesOf(run, half).map((image) => ({
    image,
    class: classOf(run, run.image(image).path),
    cluster: image,
  }));
  const draws = run.manifest.draws.map((_, draw) => draw);
  const design = { seeds: run.spec.adapt.seeds, scored: draws, shown: draws, splits: null };
  const { arms, difference } = compare(await readCells(run, labels), design);
  const points = (share: number): string => (100 * share).toFixed(1);
  const [low, high] = difference.accuracy.ci;
  const gain = `${points(difference.accuracy.mean)} (${points(low)} to ${points(high)})`;
  return `${points(arms.plain.accuracy.mean)} | ${points(arms.adapted.accuracy.mean)} | ${gain}`;
}

console.log('| set | method | seed | images | passes | labels | half | without | with | gain |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
const rows: string[] = [];
for (const project of process.argv.slice(2)) {
  for (const id of readdirSync(join(project, 'runs')).sort()) {
    const folder = join(project, 'runs', id);
    if (!existsSync(join(folder, 'scores.json'))) continue;
    const run = await openRun(folder);
    const { method, seed, adapt, protocol, regimes } = run.spec;
    if (protocol.kind !== 'shots' || regimes.join() !== 'probe') continue;
    const images = Math.min(adapt.maxImages, run.manifest.adapt.length);
    for (const half of halves) {
      const of = [basename(project), method.name, seed, images, adapt.epochs, protocol.shots, half];
      rows.push(`| ${of.join(' | ')} | ${await gainOn(run, half)} |`);
    }
  }
}
console.log(rows.sort().join('\n'));
