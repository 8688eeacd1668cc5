import { AppError } from '../../contract/errors.ts';
import type { ArmName, ManifestImage } from '../../contract/run-files.ts';
import type { Why } from '../../contract/why.ts';
import { cellMeans, gridOf, meanColour, patchesOf, type Picture } from '../explain/cells.ts';
import { areaUnder, orderOf, RANDOM_ORDERS, randomOrders, removals, STEPS } from '../explain/deletion.ts';
import { openApplied, type Said } from './covered.ts';
import type { Job } from './job.ts';
import { createMeter } from './meter.ts';
import { nearestLabelled } from './nearest-labelled.ts';

/**
 * Where a picture speaks for a class to the applied model of an arm: a patch in the picture's mean colour is slid over
 * it (Zeiler & Fergus 2014, section 4.2), and each cell told the mean drop of the class's log-odds over the patches
 * that cover it. Log-odds, because a probability near 1 hardly moves wherever the patch lies. Then the deletion test
 * (Petsiuk et al. 2018, section 4.2): parts of the picture are covered in the map's order, and in orders by chance.
 * @param wanted index of the class; null for the one the model calls the picture
 * @throws AppError `why.unreadable`, `classes.unknown`, `job.not-trained`; the reason of the signal when aborted
 */
export async function why(job: Job, arm: ArmName, image: ManifestImage, wanted: number | null): Promise<Why> {
  const classes = job.run.manifest.classes.length;
  if (wanted !== null && wanted >= classes) throw new AppError('classes.unknown', { class: wanted });
  const picture = await pictureOf(job, image);
  const applied = await openApplied(job, arm);
  const patches = patchesOf(picture.grid);
  const orders = 1 + RANDOM_ORDERS;
  const questions = 1 + patches.length + orders * (STEPS - 1) + 1;
  const meter = createMeter((progress) => job.context.progress(progress), 'why', questions);
  const colour = meanColour(picture);
  const ask = (coverings: readonly (readonly number[])[]): Promise<Said> =>
    applied.ask(picture, image, { colour, coverings, advance: (n) => meter.advance(n) });

  const slid = await ask([[], ...patches]);
  const probabilities = [...slid.probabilities.subarray(0, classes)];
  const called = probabilities.indexOf(Math.max(...probabilities));
  const named = wanted ?? called;
  const odds = slid.logOdds(named);
  const map = cellMeans(
    patches,
    patches.map((_, at) => odds[0]! - odds[at + 1]!),
  );

  const all = [...map.keys()];
  const each = [orderOf(map), ...randomOrders(map.length, image.id)];
  const removed = await ask([...each.flatMap(removals), all]);
  const sure = removed.of(named);
  const nothing = sure.at(-1)!;
  const curves = each.map((_, order) => [
    probabilities[named]!,
    ...sure.slice(order * (STEPS - 1), (order + 1) * (STEPS - 1)),
    nothing,
  ]);
  const [own, ...random] = curves.map((curve) => ({ area: areaUnder(curve), curve }));
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

async function pictureOf({ records }: Job, image: ManifestImage): Promise<Picture> {
  const { side, recordBytes } = records.cache;
  const pixels = new Uint8Array(recordBytes);
  const { boxes, failed } = await records.tryRead([image], pixels);
  const [box] = boxes;
  if (!box) throw new AppError('why.unreadable', { reason: failed[0]?.code ?? 'lost' });
  return { pixels, side, box, grid: gridOf(box) };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
