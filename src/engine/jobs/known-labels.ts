import { AppError } from '../../contract/errors.ts';
import type { HostTensor } from '../nn/types.ts';
import type { Usable } from './job.ts';

/** Classes that an adaptation may know, as a step takes them. */
export type KnownLabels = (images: readonly number[]) => HostTensor;

const UNKNOWN = -1;

/**
 * The training labels that every draw of the run trains with. One adaptation serves all draws: a label that one of them
 * goes without would make that draw's comparison dishonest.
 * @throws AppError `job.no-shared-labels` where none of the images the adaptation learns from has such a label
 */
export function knownLabels({ adapt, training, draws }: Usable): KnownLabels {
  const trains = draws.map(({ train }) => new Set(train));
  const learnt = new Set(adapt);
  const known = training.filter(({ image }) => learnt.has(image) && trains.every((draw) => draw.has(image)));
  if (known.length === 0) throw new AppError('job.no-shared-labels');
  const classOf = new Map(known.map((label) => [label.image, label.class]));
  return (images) => ({
    shape: [images.length],
    dtype: 'int32',
    data: Int32Array.from(images, (image) => classOf.get(image) ?? UNKNOWN),
  });
}
