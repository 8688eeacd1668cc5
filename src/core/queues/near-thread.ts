/** Finds images alike in a thread of its own, which keeps the features while it rests: one leafs from image to image. */
// A thread of the window's core inherits no `--import`.
import '../../guard/no-network.ts';
import { readFileSync, statSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { featureWidth, parseFeatures, type Features } from '../features/store.ts';
import { answered } from '../asked-thread.ts';
import type { NearQuestion } from './near.ts';
import { similar } from './suggest.ts';

interface Read {
  readonly bytes: number;
  readonly features: Features;
  readonly placeOf: ReadonlyMap<number, number>;
}
let read: Read | undefined;

/** What was written so far; read anew when more was. */
function featuresIn(file: string): Read {
  const bytes = statSync(file).size;
  if (read?.bytes !== bytes) {
    const features = parseFeatures(readFileSync(file));
    read = { bytes, features, placeOf: new Map(Array.from(features.ids, (id, place) => [id, place])) };
  }
  return read;
}

function nearest({ file, image, size, among }: NearQuestion): number[] {
  const { features, placeOf } = featuresIn(file);
  const { ids, rows } = features;
  const to = placeOf.get(image);
  if (to === undefined) return [];
  const places = among?.flatMap((id) => placeOf.get(id) ?? []) ?? Array.from(ids.keys());
  return similar({ rows, width: featureWidth }, places, to, size).map((at) => ids[at]!);
}

parentPort?.on('message', ({ id, ...question }: NearQuestion & { readonly id: number }) =>
  parentPort?.postMessage(answered(id, () => nearest(question))),
);
