import type Database from 'better-sqlite3';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { placeOf } from './simple.ts';

/** A check image that is still to be labelled, with its places in two random orders: the lower, the sooner. */
interface CheckCard {
  readonly image: number;
  /** Brought before, and left without a word. */
  readonly wasDrawn: boolean;
  /** Of all images alike: uniform in 0..1. */
  readonly evenly: number;
  /** Uniform in 0..images of its predicted class, so that each class has as many below any place. */
  readonly byClass: number;
}

export interface CheckDeck {
  /** In the order in which they are brought. */
  readonly cards: readonly CheckCard[];
  /** The batch that told the predicted classes, and how many check images each has; null before there is a model. */
  readonly model: { readonly batch: number; readonly sizes: ReadonlyMap<number, number> } | null;
}

/**
 * Check images in the order in which they are drawn. Once a model has named them, every second one comes from an order
 * in which all predicted classes are equally many: rare classes are measured sooner. Either order is fixed by the
 * images, so how likely an image was to be drawn follows from how far the orders were gone through.
 */
export function checkDeck({ db, id }: Project, unsaid: readonly { id: number; hash: string }[]): CheckDeck {
  const drawn = new Set(db.prepare<[], number>(`SELECT image FROM check_draw`).pluck().all());
  const batch = newestNaming(db);
  const predicted = batch === null ? new Map<number, number>() : predictedClasses(db, batch);
  const sizes = new Map<number, number>();
  for (const index of predicted.values()) sizes.set(index, (sizes.get(index) ?? 0) + 1);
  const cards = unsaid.map(({ id: image, hash }): CheckCard => {
    const index = predicted.get(image);
    const size = index === undefined ? Infinity : sizes.get(index)!;
    return {
      image,
      wasDrawn: drawn.has(image),
      evenly: placeOf(`queue ${id}`, hash),
      byClass: size === Infinity ? Infinity : size * placeOf(`queue by class ${id}`, hash),
    };
  });
  return { cards: inTurns(cards, drawn.size), model: batch === null ? null : { batch, sizes } };
}

/** What was brought before comes first; then the two orders take turns, the even one first. */
function inTurns(cards: readonly CheckCard[], drawnBefore: number): CheckCard[] {
  const lastFirst = (place: (card: CheckCard) => number): CheckCard[] =>
    cards.filter((card) => place(card) < Infinity).sort((a, b) => place(b) - place(a) || b.image - a.image);
  const evenly = lastFirst((card) => card.evenly);
  const byClass = lastFirst((card) => card.byClass);
  const order = new Set(evenly.filter(({ wasDrawn }) => wasDrawn).reverse());
  const take = (from: CheckCard[]): CheckCard | undefined => {
    let card = from.pop();
    while (card && order.has(card)) card = from.pop();
    return card;
  };
  for (let turn = drawnBefore; order.size < cards.length; turn++) {
    const card = (turn % 2 === 1 ? take(byClass) : undefined) ?? take(evenly);
    if (card) order.add(card);
  }
  return [...order];
}

/**
 * Writes down that the first `count` cards are brought, and how likely each image drawn so far was to be: 1 minus the
 * chance that neither order came to it. An order comes to all images below the first that was not drawn (priority
 * sampling: Duffield, Lund & Thorup 2007); of several models the one that reached furthest counts.
 */
export function noteDrawn(db: Database.Database, { cards, model }: CheckDeck, count: number): void {
  const drawn = cards.slice(0, count).filter(({ wasDrawn }) => !wasDrawn);
  if (drawn.length === 0) return;
  const left = cards.slice(count).filter(({ wasDrawn }) => !wasDrawn);
  const first = (place: (card: CheckCard) => number): number =>
    left.reduce((least, card) => Math.min(least, place(card)), Infinity);
  transact(db, () => {
    const insert = db.prepare(`INSERT INTO check_draw (image, time, probability) VALUES (?, ?, 1)`);
    const time = new Date().toISOString();
    for (const { image } of drawn) insert.run(image, time);
    // Images that came later may lie below what was reached: they are drawn next, and the reach stays.
    const reach = db.prepare(
      `INSERT INTO check_reach (batch, class, share) VALUES (?, ?, ?)
       ON CONFLICT (batch, class) DO UPDATE SET share = max(share, excluded.share)`,
    );
    reach.run(
      0,
      0,
      Math.min(
        1,
        first(({ evenly }) => evenly),
      ),
    );
    if (model) {
      const below = first(({ byClass }) => byClass);
      for (const [index, size] of model.sizes) reach.run(model.batch, index, Math.min(1, below / size));
    }
    db.prepare(
      `UPDATE check_draw SET probability = 1 - (1 - (SELECT share FROM check_reach WHERE batch = 0)) *
         (1 - ifnull((SELECT max(share) FROM check_reach
           JOIN prediction ON prediction.batch = check_reach.batch AND prediction.class = check_reach.class
           WHERE prediction.image = check_draw.image), 0))`,
    ).run();
  });
}

/** The newest model that has named the images of the project. */
const newestNaming = (db: Database.Database): number | null =>
  db.prepare<[], number | null>(`SELECT max(id) FROM batch WHERE folder IS NULL AND state = 'done'`).pluck().get() ??
  null;

/** Predicted class of every check image, labelled or not. */
const predictedClasses = (db: Database.Database, batch: number): Map<number, number> =>
  new Map(
    db
      .prepare<[number], { image: number; class: number }>(
        `SELECT prediction.image AS image, prediction.class AS class FROM image
         CROSS JOIN prediction ON prediction.batch = ? AND prediction.image = image.id
         WHERE image.role = 'main' AND image.batch = 0 AND image.state = 'ok' AND side = 'check'`,
      )
      .all(batch)
      .map(({ image, class: index }) => [image, index]),
  );
