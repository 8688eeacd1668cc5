import type Database from 'better-sqlite3';
import { reasons } from '../../contract/view.ts';
import { liveClasses } from '../classes/log.ts';
import type { Project } from '../db/open.ts';
import type { Sight } from '../labels/visibility.ts';
import { boardOf } from '../projects/board.ts';
import type { SourceImages } from '../views/sources.ts';
import { checkDeck, noteDrawn } from './check-draw.ts';
import { inRandomOrder, listed, queueOf, unsaid, type Queue, type Reason } from './simple.ts';
import { nearestImages } from './near.ts';
import { ranked, type RankQuestion } from './thread.ts';

const lists: ReadonlySet<string> = new Set(['unsure', 'disagreements', 'second']);
/** Check images that are brought one to one, until there are so many. */
const wantedCheck = 100;
const leastPerClass = 5;

/**
 * What to label next. Suggestions never come from the side that checks, check images only from it, as they are drawn:
 * one of them to three suggestions until every class can be learned from, then one to one until there are enough.
 */
export async function queueImages(project: Project, eyes: Sight, queue: string, size: number): Promise<SourceImages> {
  const building = boardOf(project.id).looking;
  const whole = (found: Queue): SourceImages => ({ ...found, building });
  if (lists.has(queue)) return { ...listed(project, eyes, queue), building: null };
  if (eyes.blind) return { ...queueOf([], 'none'), building: null };
  const { db } = project;
  if (queue === 'mislabelled') {
    return whole(toQueue(await ranked(project, { ...material(db, []), size, ask: { kind: 'mislabelled' } })));
  }
  const training = inRandomOrder(project, unsaid(db, eyes, 'training'));
  if (queue.startsWith('class:')) {
    const index = liveClasses(db).findIndex(({ id }) => id === Number(queue.slice('class:'.length)));
    const ask = { kind: 'likely', class: index } as const;
    const hasLabels = material(db, []).labels.some((label) => label.class === index);
    const found = hasLabels ? await ranked(project, { ...material(db, training), size, ask }) : [];
    return whole(found.length > 0 ? toQueue(found) : queueOf(training.slice(0, size), 'none'));
  }
  if (queue !== 'suggested') return whole(queueOf([], 'none'));
  const { labels, classes } = material(db, []);
  const isLearnable = countsOf(labels, classes).every((count) => count >= leastPerClass);
  const suggestions = await ranked(project, { ...material(db, training), size, ask: { kind: 'suggest' } });
  const deck = checkDeck(project, unsaid(db, eyes, 'check'));
  const everyNth = suggestions.length === 0 ? 1 : isLearnable ? (checkLabels(db) < wantedCheck ? 2 : size) : 4;
  const drawn: number[] = [];
  const mixed: { image: number; why: Reason }[] = [];
  const rest = suggestions.length > 0 ? suggestions : training.map((image) => ({ image, why: 'none' as const }));
  for (let at = 0; mixed.length < size; at++) {
    const image = (at + 1) % everyNth === 0 ? deck.cards[drawn.length]?.image : undefined;
    const next = rest[mixed.length - drawn.length];
    if (image !== undefined) {
      drawn.push(image);
      mixed.push({ image, why: 'random-check' });
    } else if (next) mixed.push(next);
    else if (deck.cards[drawn.length]?.image === undefined || at > 4 * size) break;
  }
  if (!project.readOnly) noteDrawn(db, deck, drawn.length);
  return whole(toQueue(mixed));
}

const toQueue = (found: readonly { readonly image: number; readonly why: Reason }[]): Queue => ({
  ids: Int32Array.from(found, ({ image }) => image),
  reasons: Uint8Array.from(found, ({ why }) => reasons.indexOf(why)),
});

/** Training labels that count. Nothing of the side that checks is in it. */
function material(
  db: Database.Database,
  candidates: readonly number[],
): Pick<RankQuestion, 'labels' | 'classes' | 'candidates'> {
  const live = liveClasses(db);
  const indexOf = new Map(live.map(({ id }, index) => [id, index]));
  const labels = db
    .prepare<[], { image: number; id: number }>(
      `SELECT image, class_id AS id FROM counting_label JOIN image ON image.id = counting_label.image
       WHERE side = 'training' AND state = 'ok'`,
    )
    .all()
    .flatMap(({ image, id }) => {
      const index = indexOf.get(id);
      return index === undefined ? [] : [{ image, class: index }];
    });
  return { labels, classes: live.length, candidates };
}

function countsOf(labels: RankQuestion['labels'], classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const label of labels) counts[label.class]! += 1;
  return counts;
}

const checkLabels = (db: Database.Database): number =>
  Number(
    db
      .prepare(`SELECT count(*) FROM counting_label JOIN image ON image.id = counting_label.image WHERE side = 'check'`)
      .pluck()
      .get(),
  );

/** Images that look most like one. */
export async function similarImages(project: Project, eyes: Sight, image: number, size: number): Promise<SourceImages> {
  const building = boardOf(project.id).looking;
  if (eyes.blind) return { ...queueOf([], 'none'), building: null };
  const found = await nearestImages(project, image, size);
  return {
    ids: Int32Array.from(found.filter((id, i) => i === 0 || id !== image)),
    reasons: null,
    building,
  };
}

/** The library in an order that puts alike images together; those that were not looked at come last. */
export async function togetherOrder(project: Project): Promise<Int32Array> {
  const ask = { kind: 'together' } as const;
  const found = await ranked(project, { labels: [], classes: 0, candidates: [], size: 0, ask });
  const first = found.map(({ image }) => image);
  const known = new Set(first);
  const rest = project.db
    .prepare<[], number>(`SELECT id FROM image WHERE role = 'main' ORDER BY id`)
    .pluck()
    .all()
    .filter((id) => !known.has(id));
  return Int32Array.from([...first, ...rest]);
}
