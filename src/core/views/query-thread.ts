/**
 * A thread that answers questions about one project's images from its own read-only connection, so that a filter over
 * a million rows never holds up a label. Keeps the library in columns and reads them anew when they have changed.
 */
// A thread of the window's core inherits no `--import`.
import '../../guard/no-network.ts';
import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { answered } from '../asked-thread.ts';
import { openForReading } from '../db/reading.ts';
import { giveWay } from '../give-way.ts';
import { columnsFor, type SightFacts } from '../labels/visibility.ts';
import type { Sort } from '../../contract/view.ts';
import { coloursOf } from '../map/colours.ts';
import { readPoints, type Points } from '../map/map-file.ts';
import { imagesOfPart } from '../map/part.ts';
import { appliedBatch } from './applied.ts';
import { idList, modelClassIds, readCatalogue, readPredictions, readSaid, type Predictions } from './catalogue.ts';
import { choose, countLabelled, dateOrder, nameOrder, shuffledOrder, uncertainOrder } from './choose.ts';
import { facets } from './facets.ts';
import { likePattern, type Facts } from './pass.ts';
import type { Queries, QueryKind, Question, ReviewChoice } from './messages.ts';
import { reviewImages } from './review.ts';
import { batchStamp, stampsOf } from './stamps.ts';

giveWay();
const db = openForReading((workerData as { database: string }).database);

/** What was read, and the stamp it had. */
interface Kept<T> {
  readonly stamp: string;
  readonly value: T;
}
const kept = new Map<string, Kept<unknown>>();
function keep<T>(name: string, stamp: string, read: () => T): T {
  const known = kept.get(name);
  if (known?.stamp === stamp) return known.value as T;
  const value = read();
  kept.set(name, { stamp, value });
  return value;
}

function factsFor(sight: SightFacts): {
  facts: Facts;
  order: (sort: Sort | 'shuffled') => Int32Array | null;
  named: (batch: number) => Predictions;
} {
  const stamps = stampsOf(db);
  const catalogue = keep('catalogue', stamps.images, () => readCatalogue(db));
  const { columns: raters } = keep('said', `${stamps.images} ${stamps.labels}`, () => readSaid(db, catalogue.last));
  const batch = sight.blind ? null : appliedBatch(db);
  const predictionStamp = `${stamps.images} ${stamps.predictions}`;
  const named = (of: number): Predictions =>
    keep(of === batch ? 'predictions' : 'predictions of another', `${stamps.images} ${batchStamp(db, of)}`, () =>
      readPredictions(db, of, catalogue.last),
    );
  const predictions: Facts['predictions'] = () =>
    batch === null ? null : { ...named(batch), classIds: modelClassIds(db, batch) };
  const noted = keep(
    `notes ${sight.blind ? sight.rater : ''}`,
    stamps.labels,
    () =>
      new Set(
        db
          .prepare(`SELECT image FROM note WHERE ${sight.blind ? 'rater = @rater' : 'true'}`)
          .pluck()
          .all({ rater: sight.rater }) as number[],
      ),
  );
  const facts = { db, sight, catalogue, columns: columnsFor(raters, sight), raters, predictions, noted };
  const order = (sort: Sort | 'shuffled'): Int32Array | null => {
    if (sort === 'shuffled') return keep('order shuffled', stamps.images, () => shuffledOrder(facts));
    if (sort === 'name' || sort === 'date') {
      return keep(`order ${sort}`, stamps.images, () => (sort === 'name' ? nameOrder(facts) : dateOrder(facts)));
    }
    if (sort === 'uncertain') return keep('order uncertain', predictionStamp, () => uncertainOrder(facts));
    return null;
  };
  return { facts, order, named };
}

function pointsIn(file: string): Points {
  const { mtimeMs, size } = statSync(file);
  return keep('map', `${file} ${mtimeMs} ${size}`, () => readPoints(file));
}

const answers: { [K in QueryKind]: (ask: Queries[K]['ask']) => Queries[K]['answer'] } = {
  choose: (choice) => {
    const { facts, order } = factsFor(choice.sight);
    return choose(facts, choice, order);
  },
  facets: (choice) => facets(factsFor(choice.sight).facts, choice),
  count: (counting) => countLabelled(factsFor(counting.sight).facts, counting),
  review: (choice: ReviewChoice) => {
    const { facts, named } = factsFor({ rater: '', blind: false });
    return reviewImages(facts, choice, named(choice.batch));
  },
  mapPart: ({ file, part }) => imagesOfPart(pointsIn(file), part),
  mapColours: ({ file, sight, by }) => coloursOf(factsFor(sight).facts, pointsIn(file).ids, by),
  search: ({ text, most }) => {
    const like = likePattern(text);
    return idList(
      db,
      `SELECT id FROM image WHERE role = 'main' AND batch = 0 AND file LIKE ? ESCAPE '\\'
       ORDER BY file = ? DESC, file LIKE ? ESCAPE '\\' DESC, length(file), file LIMIT ?`,
      like,
      text,
      like.slice(1),
      most,
    );
  },
};

/** Orders that are likely asked for next are read while nothing is asked. */
let idle: NodeJS.Timeout | undefined;
function readAhead({ ask }: Question): void {
  if (!('sight' in ask) || ask.sight.blind) return;
  const waiting = (['name', 'date', 'uncertain'] as const).map((sort) => () => void factsFor(ask.sight).order(sort));
  const step = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) idle = setTimeout(step, 50).unref();
  };
  idle = setTimeout(step, 200).unref();
}

parentPort?.on('message', (question: Question) => {
  clearTimeout(idle);
  const { id, kind, ask } = question;
  parentPort?.postMessage(answered(id, () => (answers[kind] as (ask: unknown) => unknown)(ask)));
  readAhead(question);
});
