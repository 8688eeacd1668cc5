import type Database from 'better-sqlite3';
import { jointRater } from '../labels/log.ts';

export interface ClassCount {
  training: number;
  check: number;
}

/** How labels stand now, in numbers. */
export interface LabelFacts {
  /** Images with a label that counts. */
  readonly labels: number;
  readonly checkLabels: number;
  /** Raters disagree and nothing was decided. */
  readonly waiting: number;
  readonly byClass: ReadonlyMap<number, ClassCount>;
  /** An image of each class. */
  readonly examples: ReadonlyMap<number, number>;
  /** The group that all labels of a class come from; null where they come from several, or from none. */
  onlyGroup(classId: number): number | null;
}

interface Counted {
  readonly class: number;
  readonly side: number;
  readonly group: number | null;
}

/** Sides as numbers, for an image that can be read. */
const sides = { none: 0, training: 1, check: 2 } as const;
const sideSql = `CASE WHEN state <> 'ok' THEN 0 WHEN side = 'training' THEN 1 WHEN side = 'check' THEN 2 ELSE 0 END`;
const noGroup = -1;

/** More changed images than this are counted anew rather than one by one. */
const mostChanges = 20_000;

interface Said {
  readonly rater: string;
  readonly kind: string;
  readonly class_id: number | null;
}

/**
 * Counts of labels that follow the log: after a label only the images it touched are looked at again. What came
 * before is counted once, when the project is opened, and when images or classes change.
 */
export class LabelCounts {
  readonly #db: Database.Database;
  /** Of each image with a label that counts. */
  readonly #label = new Map<number, Counted>();
  readonly #waiting = new Set<number>();
  readonly #byClass = new Map<number, ClassCount>();
  readonly #examples = new Map<number, number>();
  /** For each class, its labels in each group; -1 stands for no group. */
  readonly #groups = new Map<number, Map<number, number>>();
  #checkLabels = 0;
  #seen = { library: '', classes: -1, label: -1 };

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** @param library stamp that differs when images have changed */
  now(library: string): LabelFacts {
    const classes = last(this.#db, 'class_event');
    const label = last(this.#db, 'label_event');
    const { library: knownLibrary, classes: knownClasses, label: known } = this.#seen;
    if (library !== knownLibrary || classes !== knownClasses || !this.#follow(known, label)) this.#countAll();
    this.#seen = { library, classes, label };
    return {
      labels: this.#label.size,
      checkLabels: this.#checkLabels,
      waiting: this.#waiting.size,
      byClass: this.#byClass,
      examples: this.#examples,
      onlyGroup: (classId) => {
        const groups = [...(this.#groups.get(classId)?.keys() ?? [])];
        return groups.length === 1 && groups[0] !== noGroup ? (groups[0] ?? null) : null;
      },
    };
  }

  #follow(known: number, now: number): boolean {
    if (known === now) return true;
    if (now - known > mostChanges) return false;
    const images = this.#db
      .prepare<[number], number>(
        // By its number: by image, as the planner would for DISTINCT, the whole log is walked at each label.
        `SELECT DISTINCT image FROM label_event NOT INDEXED WHERE seq > ? AND kind IN ('class', 'none', 'unsure', 'skip', 'clear')`,
      )
      .pluck()
      .all(known);
    const said = this.#db.prepare<[number], Said>(`SELECT rater, kind, class_id FROM label_now WHERE image = ?`);
    const placeOf = this.#db.prepare<[number], { side: number; group: number | null }>(
      `SELECT ${sideSql} AS side, group_id AS "group" FROM image WHERE id = ?`,
    );
    for (const image of images) {
      this.#forget(image);
      const { counting, waiting } = weigh(said.all(image));
      if (waiting) this.#waiting.add(image);
      const place = placeOf.get(image);
      if (counting !== null && place) this.#add(image, { class: counting, ...place });
    }
    return true;
  }

  #countAll(): void {
    this.#label.clear();
    this.#waiting.clear();
    this.#byClass.clear();
    this.#examples.clear();
    this.#groups.clear();
    this.#checkLabels = 0;
    const counting = this.#db
      .prepare<[], [number, number, number, number | null]>(
        `SELECT image.id, class_id, ${sideSql}, group_id
         FROM counting_label JOIN image ON image.id = counting_label.image`,
      )
      .raw();
    for (const [image, classId, side, group] of counting.iterate()) this.#add(image, { class: classId, side, group });
    const open = this.#db
      .prepare<[], number>(
        `SELECT image FROM label_now WHERE kind IN ('class', 'none')
           AND image NOT IN (SELECT image FROM label_now WHERE rater = '${jointRater}' AND kind IN ('class', 'none'))
         GROUP BY image HAVING count(*) > 1 AND (min(kind) <> max(kind) OR min(class_id) <> max(class_id))`,
      )
      .pluck();
    for (const image of open.iterate()) this.#waiting.add(image);
  }

  #add(image: number, counted: Counted): void {
    this.#label.set(image, counted);
    this.#count(counted, 1);
    if (counted.side !== sides.none && !this.#examples.has(counted.class)) this.#examples.set(counted.class, image);
  }

  #forget(image: number): void {
    this.#waiting.delete(image);
    const known = this.#label.get(image);
    if (!known) return;
    this.#label.delete(image);
    this.#count(known, -1);
    if (this.#examples.get(known.class) !== image) return;
    this.#examples.delete(known.class);
    for (const [other, counted] of this.#label) {
      if (counted.class !== known.class || counted.side === sides.none) continue;
      this.#examples.set(counted.class, other);
      break;
    }
  }

  #count({ class: classId, side, group }: Counted, by: 1 | -1): void {
    if (side === sides.none) return;
    const count = this.#byClass.get(classId) ?? { training: 0, check: 0 };
    this.#byClass.set(classId, count);
    count[side === sides.check ? 'check' : 'training'] += by;
    if (side === sides.check) this.#checkLabels += by;
    const groups = this.#groups.get(classId) ?? new Map<number, number>();
    this.#groups.set(classId, groups);
    const inGroup = (groups.get(group ?? noGroup) ?? 0) + by;
    if (inGroup > 0) groups.set(group ?? noGroup, inGroup);
    else groups.delete(group ?? noGroup);
  }
}

/** What counts of what raters said of one image: a joint decision, else what all who answered agree on. */
function weigh(said: readonly Said[]): { counting: number | null; waiting: boolean } {
  const answers = said.filter(({ kind }) => kind === 'class' || kind === 'none');
  const joint = answers.find(({ rater }) => rater === jointRater);
  const first = joint ?? answers[0];
  if (!first) return { counting: null, waiting: false };
  if (!joint && answers.some(({ kind, class_id: id }) => kind !== first.kind || id !== first.class_id)) {
    return { counting: null, waiting: true };
  }
  return { counting: first.class_id, waiting: false };
}

/** Number of the last row of an append-only table. */
export const last = (db: Database.Database, table: 'label_event' | 'class_event'): number =>
  db.prepare<[], number | null>(`SELECT max(seq) FROM ${table}`).pluck().get() ?? 0;

/** A rater's own labels alone, as they are counted in a blind session. */
export function ownLabels(db: Database.Database, rater: string): LabelFacts {
  const byClass = new Map<number, ClassCount>();
  const examples = new Map<number, number>();
  let labels = 0;
  let checkLabels = 0;
  const rows = db.prepare<[string], { image: number; class_id: number; side: string | null }>(
    `SELECT image.id AS image, class_id, side FROM label_now JOIN image ON image.id = label_now.image
     WHERE rater = ? AND kind = 'class' AND state = 'ok' ORDER BY label_now.seq`,
  );
  for (const { image, class_id: id, side } of rows.iterate(rater)) {
    const count = byClass.get(id) ?? { training: 0, check: 0 };
    byClass.set(id, count);
    if (!examples.has(id)) examples.set(id, image);
    labels++;
    if (side === 'training') count.training++;
    if (side !== 'check') continue;
    count.check++;
    checkLabels++;
  }
  return { labels, checkLabels, waiting: 0, byClass, examples, onlyGroup: () => null };
}
