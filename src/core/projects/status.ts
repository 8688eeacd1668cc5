import type { ClassInfo, ProjectStatus } from '../../contract/project.ts';
import type { Seat } from '../../contract/seat.ts';
import { networkFileSystem } from '../db/file-system.ts';
import type { Project } from '../db/open.ts';
import { sight } from '../labels/visibility.ts';
import { readImportSetting } from '../library/paths.ts';
import { diskRoom, forgetDiskRoom } from '../runs/disk-room.ts';
import { keyText } from '../thumbnails/keys.ts';
import { adviceOf } from './advice.ts';
import { boardOf, type Board } from './board.ts';
import { ChangedSince } from './changed-since.ts';
import { classCodes } from './codes.ts';
import { imagesFolderGone } from './images-folder.ts';
import { LabelCounts, ownLabels, type LabelFacts } from './label-counts.ts';
import { LibraryCounts } from './library-counts.ts';
import { projectName } from './name.ts';
import { ReviewCounts, type AppliedFacts } from './review-counts.ts';
import { runFacts, runNumber, savedPoint, type FinishedRun, type RunFacts, type SavedPoint } from './run-facts.ts';
import { leastLabels, stateOf } from './state.ts';

/** What is counted once and then followed, for each project that is open. */
interface Counts {
  readonly library: LibraryCounts;
  readonly labels: LabelCounts;
  readonly review: ReviewCounts;
  readonly since: ChangedSince;
  /** The project lies where several computers can write. */
  readonly network: boolean;
  saved: { readonly key: string; readonly at: number; readonly point: SavedPoint } | null;
}
const counts = new WeakMap<Project, Counts>();

function countsOf(project: Project): Counts {
  const known = counts.get(project);
  if (known) return known;
  const made: Counts = {
    library: new LibraryCounts(project),
    labels: new LabelCounts(project.db),
    review: new ReviewCounts(project.db),
    since: new ChangedSince(project.db),
    network: networkFileSystem(project.folder) !== null,
    saved: null,
  };
  counts.set(project, made);
  return made;
}

/** How a project stands, as one rater may see it. Asked for after every label, so everything in it is quick. */
export async function statusOf(project: Project, rater: string): Promise<ProjectStatus> {
  const folderGone = await imagesFolderGone(project);
  const { db, id } = project;
  const board = boardOf(id);
  const known = countsOf(project);
  const eyes = sight(db, rater);
  const library = known.library.now(board.scanning !== null);
  const all = known.labels.now(library.stamp);
  const seen = eyes.blind ? ownLabels(db, rater) : all;
  const runs = runFacts(db);
  const applied = known.review.now(library.stamp);
  const changes = runs.finished && known.since.now(runs.finished);
  const classes = classesOf(project, seen);
  const training = classes.map(({ training: labels }) => labels);
  const groupName = (group: number): string =>
    String(db.prepare(`SELECT name FROM image_group WHERE id = ?`).pluck().get(group) ?? '');
  const { images, unlabelledOnly, groups, unreadable, checkImages, gone, changed, groupsUsable } = library.facts;
  return {
    project: id,
    name: projectName(project),
    folder: project.folder,
    imagesFolder: eyes.blind ? null : (readImportSetting(db)?.folder ?? null),
    readOnly: project.readOnly,
    blind: eyes.blind,
    state: stateOf({
      scanning: board.scanning !== null,
      run: countingState(runs, applied),
      model: runs.finished !== null || applied !== null,
      training,
      groupsUsable,
      applied: applied && { ...applied, current: isCurrent(runs.finished, applied) },
    }),
    stale: changes !== null && (changes.images > 0 || changes.classes),
    changedLabels: changes?.images ?? 0,
    labels: seen.labels,
    images,
    unlabelledOnly,
    groups: eyes.blind ? 0 : groups,
    unreadable,
    checkLabels: seen.checkLabels,
    checkImages,
    newImages: applied?.newImages ?? 0,
    goneImages: gone,
    changedImages: changed,
    folderGone,
    waitingDecisions: seen.waiting,
    classes,
    missing: classes.flatMap(({ id: classId, training: labels }) =>
      labels < leastLabels ? [{ class: classId, labels, needed: leastLabels - labels }] : [],
    ),
    advice: [
      ...(known.network ? [{ code: 'project.network', params: {} }] : []),
      ...(eyes.blind ? [] : adviceOf(classes, seen, library.facts, groupName)),
    ],
    run: runOf(project, known, runs, board),
    results: resultsOf(runs),
    applied: applied && {
      batch: applied.batch,
      run: applied.run,
      number: runNumber(db, applied.run),
      named: applied.named,
      toReview: applied.toReview,
      at: applied.at,
    },
    looking: board.looking,
    scanning: board.scanning,
    ...savedOf(project),
    seq: board.seq,
    unsaved: board.unsaved,
    bytes: board.bytes,
  };
}

/** The same for a seat, which may not know folders. */
export async function statusFor(project: Project, rater: string, { paths }: Seat): Promise<ProjectStatus> {
  const status = await statusOf(project, rater);
  return paths ? status : { ...status, folder: null, imagesFolder: null };
}

/** A run that stopped, and was applied without its adaptation, is a model like another. */
const countingState = ({ newest }: RunFacts, applied: AppliedFacts | null) =>
  newest === null || ((newest.state === 'stopped' || newest.state === 'failed') && applied?.run === newest.id)
    ? null
    : newest.state;

/** The applied model is the newest, or was chosen when the newest was there already. */
const isCurrent = (finished: FinishedRun | null, applied: AppliedFacts): boolean =>
  finished === null || finished.id === applied.run || applied.at >= finished.finishedAt;

const resultsOf = ({ finished, shipped }: RunFacts): ProjectStatus['results'] => {
  const run = finished ?? shipped;
  return run && { run: run.id, number: run.number };
};

function classesOf({ db, id: project }: Project, labels: LabelFacts): ClassInfo[] {
  const rows = db
    .prepare<[], { id: number; name: string }>(
      `SELECT id, name FROM class WHERE removed = 0 AND counts_as = id ORDER BY position, id`,
    )
    .all();
  const codes = classCodes(rows.map(({ name }) => name));
  return rows.map(({ id, name }, position) => {
    const { training = 0, check = 0 } = labels.byClass.get(id) ?? {};
    const image = labels.examples.get(id);
    const example = image === undefined ? null : { image, key: keyText(project, image) };
    return { id, name, code: codes[position] ?? '??', position, training, check, example };
  });
}

/** Files of a run are looked at again only when it may have saved. */
const savedMs = 5000;

function runOf(project: Project, known: Counts, { newest }: RunFacts, board: Board): ProjectStatus['run'] {
  if (newest === null || newest.state === 'finished' || newest.state === 'cancelled') return null;
  const { id, state, error, errorCode } = newest;
  const progress = board.run?.id === id ? board.run.progress : null;
  // A pass that ends leaves a row, and what was met in it.
  const key = [id, state, progress?.stage, progress?.pass?.[0]].join(' ');
  if (known.saved?.key !== key || performance.now() - known.saved.at > savedMs) {
    known.saved = { key, at: performance.now(), point: savedPoint(project, id) };
  }
  const { point } = known.saved;
  const isFull = errorCode === 'disk.full';
  // It may be full again, with other numbers.
  if (!isFull) forgetDiskRoom(project);
  const disk = isFull ? diskRoom(project, id) : null;
  const [pass = point.pass, passes = point.passes] = progress?.pass ?? [];
  return {
    id,
    state,
    pass,
    passes,
    savedAt: point.savedAt,
    error,
    errorCode,
    progress,
    notices: [...point.notices],
    disk,
  };
}

function savedOf({ db }: Project): Pick<ProjectStatus, 'savedSeq' | 'savedAt'> {
  const last = db
    .prepare<[], { seq: number | null; time: string | null }>(
      `SELECT ifnull((SELECT max(seq) FROM label_event), 0) + ifnull((SELECT max(seq) FROM class_event), 0) AS seq,
         (SELECT time FROM label_batch ORDER BY id DESC LIMIT 1) AS time`,
    )
    .get();
  return { savedSeq: last?.seq ?? 0, savedAt: last?.time ?? null };
}
