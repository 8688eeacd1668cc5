/** Ranks images in a thread of its own: seconds of arithmetic that must not keep core from a key. */
// A thread of the window's core inherits no `--import`.
import '../../guard/no-network.ts';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { featureWidth, parseFeatures } from '../features/store.ts';
import { alikeTogether, likely, mislabelled, suggest, type Material, type Suggestion } from './suggest.ts';
import type { RankAnswer, RankQuestion } from './thread.ts';

const question = workerData as RankQuestion;
const { ids, rows } = parseFeatures(readFileSync(question.file));
const placeOf = new Map(Array.from(ids, (id, place) => [id, place]));
const labels = new Int32Array(ids.length).fill(-1);
for (const { image, class: index } of question.labels) {
  const place = placeOf.get(image);
  if (place !== undefined) labels[place] = index;
}
const candidates = Int32Array.from(
  question.candidates.flatMap((image) => {
    const place = placeOf.get(image);
    return place === undefined ? [] : [place];
  }),
);
const vectors = { rows, width: featureWidth };
const material: Material = { vectors, labels, classes: question.classes, candidates };

function rank(): readonly Suggestion[] {
  const { ask, size } = question;
  switch (ask.kind) {
    case 'suggest':
      return suggest(material, size);
    case 'likely':
      return likely(material, ask.class, size);
    case 'mislabelled':
      return mislabelled(material, size);
    case 'together':
      return alikeTogether(vectors, ids.length).map((at) => ({ at, why: 'likely' }));
  }
}
const answer: RankAnswer = rank().map(({ at, why }) => ({ image: ids[at]!, why }));
parentPort?.postMessage(answer);
