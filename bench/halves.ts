/**
 * What a recipe brings on one half of the check images, chosen on the other: a method that was chosen because it did
 * best on some images and label draws is told of by others. Each adapted arm is set beside the arm without adaptation
 * of every run of the same project, seed and label draws, whatever regime that has: beside the best of them too.
 *   npm run bench:halves -- <project> …
 *
 * Reads the runs of the projects (class folders; `acclimate compare` made them). Half A is for choosing; told of is half
 * B, in runs of another seed, which have other label draws and another adaptation.
 */
import { readdirSync, existsSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { generator } from '../src/engine/data/random.ts';
import type { ArmName } from '../src/contract/run-files.ts';
import { readCells, regimesOf, type Cell, type Cells } from '../src/engine/evaluate/cells.ts';
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

/** Label draws that two runs have in common: the same images trained with, the same ones checked. */
function commonDraws(one: RunFolder, other: RunFolder): number[] {
  const told = ({ manifest }: RunFolder, draw: number): string =>
    JSON.stringify([manifest.classes, manifest.check, manifest.draws[draw]?.train]);
  return one.manifest.draws.flatMap((_, draw) => (told(one, draw) === told(other, draw) ? [draw] : []));
}

const points = (share: number): string => (100 * share).toFixed(1);

/** The adapted arm of one run beside the arm without adaptation of another, on half of the check images. */
async function gainOn(adapted: RunFolder, plain: RunFolder, half: (typeof halves)[number]): Promise<string[]> {
  const labels = imagesOf(adapted, half).map((image) => ({
    image,
    class: classOf(adapted, adapted.image(image).path),
    cluster: image,
  }));
  const draws = commonDraws(adapted, plain);
  const ofDraws = (cells: readonly Cell[]): Cell[] => cells.filter(({ draw }) => draws.includes(draw));
  const cells: Cells = {
    plain: ofDraws((await readCells(plain, labels)).plain),
    adapted: ofDraws((await readCells(adapted, labels)).adapted),
  };
  const { arms, difference } = compare(cells, { seeds: 1, scored: draws, shown: draws, splits: null });
  const [low, high] = difference.accuracy.ci;
  const regime = (arm: ArmName, { spec }: RunFolder): string =>
    spec.regimes.length > 1 ? `${regimesOf(cells[arm]).join(', ')} (chosen)` : spec.regimes.join();
  return [
    String(draws.length),
    regime('plain', plain),
    points(arms.plain.accuracy.mean),
    regime('adapted', adapted),
    points(arms.adapted.accuracy.mean),
    `${points(difference.accuracy.mean)} (${points(low)} to ${points(high)})`,
  ];
}

const columns = 'set method seed images passes labels half draws without accuracy with accuracy gain'.split(' ');
console.log(`| ${columns.join(' | ')} |`);
console.log(`| ${columns.map(() => '---').join(' | ')} |`);
const rows: string[] = [];
for (const project of process.argv.slice(2)) {
  const runs: RunFolder[] = [];
  for (const id of readdirSync(join(project, 'runs')).sort()) {
    const folder = join(project, 'runs', id);
    if (!existsSync(join(folder, 'scores.json'))) continue;
    const run = await openRun(folder);
    if (run.spec.protocol.kind === 'shots' && run.spec.adapt.seeds === 1) runs.push(run);
  }
  for (const adapted of runs) {
    const { method, seed, adapt, protocol, size, backbone } = adapted.spec;
    const images = Math.min(adapt.maxImages, adapted.manifest.adapt.length);
    // One for each regime: its own arm, and of the others the first.
    const others = new Map<string, RunFolder>();
    for (const run of [adapted, ...runs]) {
      const { spec } = run;
      const isPaired = spec.seed === seed && spec.size === size && spec.backbone.name === backbone.name;
      if (!isPaired || spec.protocol.shots !== protocol.shots || commonDraws(adapted, run).length < 2) continue;
      if (!others.has(spec.regimes.join())) others.set(spec.regimes.join(), run);
    }
    for (const plain of others.values()) {
      for (const half of halves) {
        const of = [basename(project), method.name, seed, images, adapt.epochs, protocol.shots, half];
        rows.push(`| ${[...of, ...(await gainOn(adapted, plain, half))].join(' | ')} |`);
      }
    }
  }
}
console.log(rows.sort().join('\n'));
