import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { scoredSchema, type Scored } from '../../contract/run-files.ts';
import type { ViewSource } from '../../contract/view.ts';
import type { Project } from '../db/open.ts';
import type { Sight } from '../labels/visibility.ts';
import { mapFiles } from '../map/map-file.ts';
import { queueImages, similarImages } from '../queues/queues.ts';
import { inGroup } from '../results/groups.ts';
import { isRight } from '../results/scored.ts';
import { answersOf } from '../results/trust.ts';
import { queries } from './queries.ts';

/** Images in the order of their source. */
export interface SourceImages {
  /** Null: the whole library, in whatever order is asked for. */
  readonly ids: Int32Array | null;
  /** Why each is there, as index into the contract's `reasons`; null says nothing. */
  readonly reasons: Uint8Array | null;
  /** How far the looking is that a queue waits for; null when it is done. */
  readonly building: number | null;
  /** The applied model's batch that predictions are shown of, where it is not the newest. */
  readonly batch?: number;
}

type Kind = ViewSource['kind'];
export type ViewSources = {
  readonly [K in Kind]: (
    project: Project,
    sight: Sight,
    source: Extract<ViewSource, { kind: K }>,
  ) => Promise<SourceImages>;
};

const plain = (ids: Int32Array | null): SourceImages => ({ ids, reasons: null, building: null });

export const viewSources: ViewSources = {
  library: () => Promise.resolve(plain(null)),
  scored: async (project, sight, source) => {
    if (sight.blind) return plain(new Int32Array(0));
    return plain(await scoredImages(project, source));
  },
  review: async (project, sight, source) => {
    if (sight.blind) return plain(new Int32Array(0));
    const { batch, called, part, group } = source;
    return { ...plain(await queries(project).ask('review', { batch, called, part, group })), batch };
  },
  map: async (project, sight, { run, arm, part }) => {
    if (sight.blind) return plain(new Int32Array(0));
    return plain(await queries(project).ask('mapPart', { file: mapFiles(project, run, arm).points, part }));
  },
  similar: (project, sight, { image, count }) => similarImages(project, sight, image, count),
  queue: (project, sight, { queue, size }) => queueImages(project, sight, queue, size),
};

/** The check images behind a number of a run, least sure first. */
async function scoredImages(
  project: Project,
  { run, arm, truth, called, either, correct, other, group, said }: Extract<ViewSource, { kind: 'scored' }>,
): Promise<Int32Array> {
  const images = await imagesOf(project, run);
  const theirs = other && new Map((await imagesOf(project, other.run)).map((image) => [image.image, image]));
  /** Whether the model it is compared with was right. */
  const isOtherRight = (image: Scored['images'][number]): boolean => {
    if (!other) return isRight(image, arm === 'plain' ? 'adapted' : 'plain');
    const same = theirs?.get(image.image);
    return same !== undefined && isRight(same, other.arm);
  };
  const isInGroup = group && inGroup(project, group);
  const found = images.filter((image) => {
    if (isInGroup && !isInGroup(image.image)) return false;
    const right = isRight(image, arm);
    const isTruth = truth === null || image.class === truth;
    const isCalled = called === null || image[arm].called === called;
    if (either ? !isTruth && !isCalled : !isTruth || !isCalled) return false;
    if (correct === 'only' && (!right || isOtherRight(image))) return false;
    if (correct === 'either' && right === isOtherRight(image)) return false;
    const fits = (hit: boolean): boolean => typeof correct !== 'boolean' || hit === correct;
    if (!said) return fits(right);
    // Behind a percentage is each image of which some draw's model said so.
    const answers = answersOf(image, arm, said.corrected ? 'after' : 'before') ?? [];
    const isWithin = (sure: number): boolean => sure >= said.from && (said.to >= 1 || sure < said.to);
    return answers.some(({ probability, hit }) => isWithin(probability) && fits(hit));
  });
  found.sort((a, b) => a[arm].probability - b[arm].probability || a.image - b.image);
  return Int32Array.from(found, ({ image }) => image);
}

async function imagesOf({ paths }: Project, run: string): Promise<Scored['images']> {
  const file = join(paths.runs, run, 'scored.json');
  const state = 'finished without its list of images';
  if (!/^[a-z0-9-]+$/.test(run)) throw new AppError('run.noResults', { run, state: 'unknown' });
  const scored = await readFile(file, 'utf8').then(
    (text) => scoredSchema.parse(JSON.parse(text)),
    (cause: unknown) => {
      throw new AppError('run.noResults', { run, state }, { cause });
    },
  );
  return scored.images;
}
