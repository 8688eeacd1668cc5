/** Draws a map in a thread of its own: minutes of arithmetic that must not keep core from a key. */
// A thread of the window's core inherits no `--import`.
import '../../guard/no-network.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../contract/errors.ts';
import { giveWay } from '../give-way.ts';
import { drawMap, mostFitted } from './draw.ts';
import { readPoints, writeMap } from './map-file.ts';
import type { DrawAnswer, DrawQuestion } from './thread.ts';

giveWay();
const { files, features, images, before } = workerData as DrawQuestion;
const say = (answer: DrawAnswer): void => parentPort?.postMessage(answer);
let told = 0;
try {
  const { about, points } = drawMap(
    { features, images, before: before === null ? null : readPoints(before), mostFitted },
    (stage, share) => {
      if (performance.now() - told < 200) return;
      told = performance.now();
      say({ kind: 'progress', stage, share });
    },
  );
  await writeMap(files, { ...about, madeAt: new Date().toISOString() }, points);
  say({ kind: 'done' });
} catch (error) {
  say({ kind: 'failed', error: AppError.from(error).toShape() });
}
