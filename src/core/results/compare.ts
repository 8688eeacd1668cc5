import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Results } from '../../contract/results.ts';
import type { ArmName, Scored } from '../../contract/run-files.ts';
import { repeatedSplitSpread, studentInterval } from '../../statistics/intervals.ts';
import { meanOf } from '../../statistics/mean.ts';
import { pairedDifference, type PairedImage } from '../../statistics/paired.ts';
import type { Project } from '../db/open.ts';
import { readResults } from '../runs/results-file.ts';
import { comparing, listRuns, type StoredRun } from '../runs/rows.ts';
import { readSpecification, type Specification } from '../runs/specification.ts';
import { isRight, readScored, weightOf } from './scored.ts';

/** Why two runs are not paired. */
export type Unpaired = 'training' | 'check' | 'splits' | 'unlisted';

export interface ComparedRun {
  readonly id: string;
  readonly at: string;
  readonly name: string | null;
  readonly note: string | null;
  readonly method: string;
  readonly backbone: string;
  readonly epochs: number;
  /** Labels it was trained with. */
  readonly labels: number;
  /** The model of it that is used. */
  readonly arm: ArmName;
  readonly score: { readonly mean: number; readonly ci: [number, number] };
  readonly checkImages: number;
  readonly seconds: number;
  /** What the adaptation was computed on; null of runs from before it was kept. */
  readonly device: string | null;
  /** Against the selected run, on the same check images; null for that run itself, and where they cannot be paired. */
  readonly paired: Paired | null;
  readonly unpaired: Unpaired | null;
}

export interface Paired {
  /** This run − the selected one. */
  readonly mean: number;
  readonly ci: [number, number];
  readonly images: number;
  /** Whose adaptation was made with one seed, or how each seed did was not kept: another seed is not in the range. */
  readonly outside: 'both' | 'this' | 'selected' | null;
  /** Images that only this run, and that only the selected one, named correctly. */
  readonly onlyThis: number;
  readonly onlySelected: number;
}

interface Side {
  readonly run: StoredRun;
  readonly arm: ArmName;
  readonly specification: Specification;
  readonly results: Results;
  readonly images: Scored['images'] | null;
}

/** Every run that ended with a comparison, newest first, each paired with the selected one where that is fair. */
export async function compareRuns(project: Project, selected: string): Promise<ComparedRun[]> {
  const runs = listRuns(project.db).filter(({ kind, state }) => state === 'finished' && comparing.includes(kind));
  const sides: Side[] = [];
  for (const run of runs) {
    const side = await sideOf(project, run);
    if (side) sides.push(side);
  }
  const own = sides.find(({ run }) => run.id === selected);
  return sides.map((side) => {
    const { run, arm, results, specification } = side;
    const { spec, manifest } = specification;
    const isOther = own !== undefined && own !== side;
    const unpaired = isOther ? unpairedBy(own, side) : null;
    return {
      id: run.id,
      at: run.finishedAt ?? run.createdAt,
      name: run.startedWith.name ?? null,
      note: run.startedWith.note ?? null,
      method: spec.method.name,
      backbone: spec.backbone.name,
      epochs: spec.adapt.epochs,
      labels: manifest.training.length,
      arm,
      score: results.arms[arm].accuracy,
      checkImages: results.protocol.checkImages,
      seconds: run.seconds,
      device: results.device ?? null,
      paired: isOther && unpaired === null ? pairedOf(own, side) : null,
      unpaired,
    };
  });
}

/** Null for a run that was never specified, or whose file is gone: its scores cannot be shown beside others. */
async function sideOf(project: Project, run: StoredRun): Promise<Side | null> {
  const folder = join(project.paths.runs, run.id);
  const specification = await readSpecification(folder);
  const results = await readResults(folder, run).catch(() => null);
  if (!specification || !results) return null;
  const chosen = project.db
    .prepare<[string], ArmName | null>(`SELECT chosen FROM run WHERE id = ?`)
    .pluck()
    .get(run.id);
  const images = await readScored(project, run.id).catch((thrown: unknown) => {
    if (thrown instanceof AppError && thrown.code === 'run.noScored') return null;
    throw thrown;
  });
  return { run, arm: chosen ?? results.deployed, specification, results, images };
}

/** Fair is: the same training labels, and the same check images with the same labels, held out in the same way. */
function unpairedBy(one: Side, other: Side): Unpaired | null {
  if (!one.images || !other.images) return 'unlisted';
  const [a, b] = [one.specification, other.specification];
  const trained = ({ manifest }: Specification): string[] =>
    manifest.training.map(({ image, class: index }) => `${image} ${manifest.classes[index]?.id}`);
  if (!sameSet(trained(a), trained(b))) return 'training';
  const checked = ({ images, specification: { manifest } }: Side): string[] =>
    images!.map(({ image, class: index }) => `${image} ${manifest.classes[index]?.id}`);
  if (!sameSet(checked(one), checked(other))) return 'check';
  const splits = ({ spec, manifest }: Specification): string =>
    JSON.stringify([spec.protocol, spec.protocol.check === 'repeated' ? manifest.draws : []]);
  return splits(a) === splits(b) ? null : 'splits';
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const known = new Set(a);
  return a.length === b.length && b.every((value) => known.has(value));
}

type Image = Scored['images'][number];

/** Whether each draw and seed was right; of runs that kept less, what they kept as if it were of one. */
const cellsOf = (image: Image, arm: ArmName): readonly (readonly number[])[] =>
  image[arm].hits ?? [[image[arm].right ?? Number(isRight(image, arm))]];

function pairedOf(selected: Side, side: Side): Paired {
  const theirs = new Map(selected.images!.map((image) => [image.image, image]));
  const pairs = side.images!.map((image) => [image, theirs.get(image.image)!] as const);
  const images = pairs.map(([mine, other]): PairedImage => ({
    first: cellsOf(other, selected.arm),
    second: cellsOf(mine, side.arm),
    cluster: mine.cluster,
    weight: weightOf(mine),
  }));
  const only = (first: 0 | 1, second: 0 | 1): number =>
    pairs.filter((pair) => {
      const right = [isRight(pair[0], side.arm), isRight(pair[1], selected.arm)];
      return right[first] && !right[second];
    }).length;
  const isRepeated = side.specification.spec.protocol.check === 'repeated';
  const estimate = isRepeated ? pairedSplits(selected, side) : pairedDifference(images, haveSameDraws(selected, side));
  const hasSeeds = (cells: readonly (readonly number[])[]): boolean => !isRepeated && cells[0]!.length > 1;
  const known = { this: hasSeeds(images[0]!.second), selected: hasSeeds(images[0]!.first) };
  return {
    ...estimate,
    images: pairs.length,
    outside: known.this ? (known.selected ? null : 'selected') : known.selected ? 'this' : 'both',
    onlyThis: only(0, 1),
    onlySelected: only(1, 0),
  };
}

/** Whether both runs trained with the same labels draw by draw, so that a draw that is hard is so for both. */
function haveSameDraws(one: Side, other: Side): boolean {
  const draws = ({ images, arm, specification: { manifest } }: Side): string =>
    JSON.stringify(manifest.draws.slice(0, cellsOf(images![0]!, arm).length).map(({ train }) => train));
  return draws(one) === draws(other);
}

/** Of repeated splits of the same labels, draw by draw; the splits share images, so their spread is corrected for it. */
function pairedSplits(selected: Side, side: Side): { mean: number; ci: [number, number] } {
  const perDraw = ({ results, arm }: Side): readonly number[] => results.arms[arm].accuracy.perDraw;
  const theirs = perDraw(selected);
  const differences = perDraw(side).map((accuracy, draw) => accuracy - theirs[draw]!);
  const mean = meanOf(differences);
  const { draws } = side.specification.manifest;
  const size = (part: 'train' | 'score'): number => draws.reduce((sum, draw) => sum + (draw[part]?.length ?? 0), 0);
  return {
    mean,
    ci: [...studentInterval(mean, repeatedSplitSpread(differences, size('score'), size('train')), [-1, 1])],
  };
}
