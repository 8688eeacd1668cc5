import { AppError } from '../../contract/errors.ts';
import type { ArmName, ManifestImage } from '../../contract/run-files.ts';
import type { Why } from '../../contract/why.ts';
import { cellMeans, patchesOf } from '../explain/cells.ts';
import { areaUnder, orderOf, RANDOM_ORDERS, randomOrders, removals, STEPS } from '../explain/deletion.ts';
import { meanOf } from '../../statistics/mean.ts';
import { openApplied } from './applied.ts';
import { askCovered, readPicture } from './covered.ts';
import type { Job } from './job.ts';
import { createMeter } from './meter.ts';
import { nearestLabelled } from './nearest-labelled.ts';

/**
 * Where a picture speaks for a class to the applied model of an arm: a patch in the picture's mean colour is slid over
 * it (Zeiler & Fergus 2014, section 4.2), and each cell told the mean drop of the probability over the patches that
 * cover it: what the app shows, in points of a hundred. (The drop of the log-odds gave no better order:
 * `bench/why.ts`.) Then the deletion test (Petsiuk et al. 2018, section 4.2): parts of the picture are covered in the
 * map's order, and in orders by chance.
 * @param wanted index of the class; null for the one the model calls the picture
 * @throws AppError `why.unreadable`, `classes.unknown`, `job.not-trained`; the reason of the signal when aborted
 */
export async function why(job: Job, arm: ArmName, image: ManifestImage, wanted: number | null): Promise<Why> {
  const classes = job.run.manifest.classes.length;
  if (wanted !== null && wanted >= classes) throw new AppError('classes.unknown', { class: wanted });
  const picture = await readPicture(job, image);
  const applied = await openApplied(job, arm);
  const patches = patchesOf(picture.grid);
  const questions = 1 + patches.length + (1 + RANDOM_ORDERS) * (STEPS - 1) + 1;
  const meter = createMeter((progress) => job.context.progress(progress), 'why', questions);
  const ask = askCovered(applied, picture, image, (n) => meter.advance(n));

  const slid = await ask([[], ...patches]);
  const probabilities = [...slid.subarray(0, classes)];
  const called = probabilities.indexOf(Math.max(...probabilities));
  const named = wanted ?? called;
  const whole = probabilities[named]!;
  const drops = patches.map((_, at) => whole - slid[(at + 1) * classes + named]!);
  const map = cellMeans(patches, drops);

  const orders = [orderOf(map), ...randomOrders(map.length, image.id)];
  const removed = await ask([...orders.flatMap(removals), [...map.keys()]]);
  const sure = Array.from({ length: removed.length / classes }, (_, at) => removed[at * classes + named]!);
  const nothing = sure.at(-1)!;
  const [own, ...random] = orders.map((_, order) => {
    const curve = [whole, ...sure.slice(order * (STEPS - 1), (order + 1) * (STEPS - 1)), nothing];
    return { area: areaUnder(curve), curve };
  });
  return {
    ...picture.grid,
    class: named,
    called,
    probabilities,
    map: [...map],
    deletion: {
      map: own!,
      random: {
        area: meanOf(random.map(({ area }) => area)),
        curve: own!.curve.map((_, step) => meanOf(random.map(({ curve }) => curve[step]!))),
      },
      orders: random.length,
      beaten: random.filter(({ area }) => own!.area < area).length,
    },
    near: await nearestLabelled(job, arm, applied, picture, image.id),
  };
}
