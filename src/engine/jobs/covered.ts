import { AppError } from '../../contract/errors.ts';
import type { ManifestImage } from '../../contract/run-files.ts';
import { cover, gridOf, meanColour, type Picture } from '../explain/cells.ts';
import type { Applied } from './applied.ts';
import { EMBED_BATCH } from './embedder.ts';
import type { Job } from './job.ts';

/** @throws AppError `why.unreadable` */
export async function readPicture({ records }: Pick<Job, 'records'>, image: ManifestImage): Promise<Picture> {
  const { side, recordBytes } = records.cache;
  const pixels = new Uint8Array(recordBytes);
  const { boxes, failed } = await records.tryRead([image], pixels);
  const [box] = boxes;
  if (!box) throw new AppError('why.unreadable', { reason: failed[0]?.code ?? 'lost' });
  return { pixels, side, box, grid: gridOf(box) };
}

/**
 * Asks about a picture with some cells covered in its mean colour, which takes texture and colour from a place alike.
 * @returns a function of sets of cells, one picture each, to probabilities [sets, classes]
 */
export function askCovered(
  { probabilities }: Applied,
  picture: Picture,
  { columns = [] }: Pick<ManifestImage, 'columns'>,
  advance: (n: number) => void,
): (coverings: readonly (readonly number[])[]) => Promise<Float32Array> {
  const colour = meanColour(picture);
  const recordBytes = picture.pixels.length;
  const pixels = new Uint8Array(EMBED_BATCH * recordBytes);
  return (coverings) =>
    probabilities(
      coverings.length,
      (from, to) => {
        const some = coverings.slice(from, to);
        some.forEach((cells, i) => cover(picture, cells, colour, pixels.subarray(i * recordBytes)));
        return { pixels, boxes: some.map(() => picture.box), rows: some.map(() => columns) };
      },
      advance,
    );
}
