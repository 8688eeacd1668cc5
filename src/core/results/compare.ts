import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { ArmName, Scored } from '../../contract/run-files.ts';
import { repeatedSplitSpread, studentInterval } from '../../statistics/intervals.ts';
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
  /** Images that only this run, and that only the selected one, named correctly. */
  readonly onlyThis: number;
  readonly onlySelected: number;
}

interface Side {
  readonly arm: ArmName;
  readonly specification: Specification;
  readonly images: Scored['images'] | null;
  /** Accuracy of each draw. */
  readonly perDraw: readonly number[];
}

/** Every run that ended with a comparison, newest first, each paired with the selected one where that is fair. */
export async function compareRuns(project: Project, selected: string): Promise<ComparedRun[]> {
  const runs = listRuns(project.db).filter(({ kind, state }) => state === 'finished' && comparing.includes(kind));
  const own = await sideOf(
    project,
    runs.find(({ id }) => id === selected),
  );
  const rows: ComparedRun[] = [];
  for (const run of runs) {
    const results = await readResults(join(project.paths.runs, run.id), run).catch(() => null);
    const side = await sideOf(project, run);
    // Scores of a run that was never specified, or whose file is gone, cannot be shown beside others.
    if (!results || !side) continue;
    const { spec, manifest } = side.specification;
    const unpaired = run.id === selected || !own ? null : unpairedBy(own, side);
    rows.push({
      id: run.id,
      at: run.finishedAt ?? run.createdAt,
      name: run.startedWith.name ?? null,
      note: run.startedWith.note ?? null,
      method: spec.method.name,
      backbone: spec.backbone.name,
      epochs: spec.adapt.epochs,
      labels: manifest.training.length,
      arm: side.arm,
      score: results.arms[side.arm].accuracy,
      checkImages: results.protocol.checkImages,
      seconds: run.seconds,
      device: results.device ?? null,
      paired: run.id === selected || !own || unpaired ? null : pairedOf(own, side),
      unpaired,
    });
  }
  return rows;
}

async function sideOf(project: Project, run: StoredRun | undefined): Promise<Side | null> {
  if (!run) return null;
  const folder = join(project.paths.runs, run.id);
  const specification = await readSpecification(folder);
  if (!specification) return null;
  const results = await readResults(folder, run);
  const chosen = project.db
    .prepare<[string], ArmName | null>(`SELECT chosen FROM run WHERE id = ?`)
    .pluck()
    .get(run.id);
  const images = await readScored(project, run.id).catch((thrown: unknown) => {
    if (thrown instanceof AppError && thrown.code === 'run.noScored') return null;
    throw thrown;
  });
  const arm = chosen ?? results.deployed;
  return { arm, specification, images, perDraw: results.arms[arm].accuracy.perDraw };
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

/** Where a run kept it, how often it was right over its draws and seeds; else whether its mean was. */
const rightOf = (image: Image, arm: ArmName): number => image[arm].right ?? Number(isRight(image, arm));

function pairedOf(selected: Side, side: Side): Paired {
  const theirs = new Map(selected.images!.map((image) => [image.image, image]));
  const pairs = side.images!.map((image) => [image, theirs.get(image.image)!] as const);
  const differences = pairs.map(([mine, other]): PairedImage => {
    const difference = rightOf(mine, side.arm) - rightOf(other, selected.arm);
    return { difference, cluster: mine.cluster, weight: weightOf(mine) };
  });
  const only = (first: 0 | 1, second: 0 | 1): number =>
    pairs.filter((pair) => {
      const right = [isRight(pair[0], side.arm), isRight(pair[1], selected.arm)];
      return right[first] && !right[second];
    }).length;
  const estimate =
    side.specification.spec.protocol.check === 'repeated'
      ? pairedSplits(selected, side)
      : pairedDifference(differences);
  return { ...estimate, images: pairs.length, onlyThis: only(0, 1), onlySelected: only(1, 0) };
}

/** Of repeated splits of the same labels, draw by draw; the splits share images, so their spread is corrected for it. */
function pairedSplits(selected: Side, side: Side): { mean: number; ci: [number, number] } {
  const differences = side.perDraw.map((accuracy, draw) => accuracy - selected.perDraw[draw]!);
  const mean = differences.reduce((sum, each) => sum + each, 0) / differences.length;
  const { draws } = side.specification.manifest;
  const size = (part: 'train' | 'score'): number => draws.reduce((sum, draw) => sum + (draw[part]?.length ?? 0), 0);
  return {
    mean,
    ci: [...studentInterval(mean, repeatedSplitSpread(differences, size('score'), size('train')), [-1, 1])],
  };
}
