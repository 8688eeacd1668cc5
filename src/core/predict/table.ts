import type { Rows } from '../runs/tensors.ts';
import { csvCell } from '../../files/csv.ts';
import { topTwo } from './top-two.ts';

/** What is known of an image apart from its prediction. */
export interface NamedImage {
  readonly id: number;
  /** As the user knows it: below the folder of images. */
  readonly file: string;
  readonly group: string | null;
  readonly label: string | null;
}

export interface Unread {
  readonly file: string;
  readonly group: string | null;
  readonly reason: string;
}

export interface PredictionTable {
  readonly text: string;
  readonly images: number;
  readonly perClass: { class: string; images: number }[];
  /** Images that are unlike the training images. */
  readonly unlike: number;
}

const columns = [
  'file',
  'group',
  'predicted',
  'probability',
  'second',
  'p_second',
  'margin',
  'decision',
  'label',
  'note',
  'model',
  'run',
  'unlike',
  'distance',
];

/**
 * Every image as a line: the class with the highest probability, the second, and the margin between them;
 * at the end, where it was told, whether it is unlike the training images, and its distance to the nearest of them as a
 * multiple of the one beyond which it is. Files that could not be read stand last, with the reason as note. UTF-8, comma, `.` decimals; no cell starts a formula.
 */
export function predictionTable(
  images: readonly NamedImage[],
  unread: readonly Unread[],
  predictions: Rows,
  classes: readonly string[],
  model: { readonly arm: string; readonly run: string },
): PredictionTable {
  const named = new Map(images.map((image) => [image.id, image]));
  const counts = classes.map(() => 0);
  let unlike = 0;
  const lines = [columns];
  predictions.ids.forEach((id, row) => {
    const { file, group, label } = named.get(id)!;
    const probabilities = predictions.values.subarray(row * predictions.width, (row + 1) * predictions.width);
    const [first, second] = topTwo(probabilities);
    const distance = predictions.distances?.[row];
    counts[first]!++;
    if (distance !== undefined && distance > 1) unlike++;
    lines.push([
      file,
      group ?? '',
      classes[first]!,
      probabilities[first]!.toFixed(6),
      classes[second]!,
      probabilities[second]!.toFixed(6),
      (probabilities[first]! - probabilities[second]!).toFixed(6),
      'named',
      label ?? '',
      '',
      model.arm,
      model.run,
      ...(distance === undefined ? ['', ''] : [distance > 1 ? 'yes' : 'no', distance.toFixed(6)]),
    ]);
  });
  for (const { file, group, reason } of unread) {
    lines.push([file, group ?? '', '', '', '', '', '', 'unreadable', '', reason, model.arm, model.run, '', '']);
  }
  return {
    text: `${lines.map((cells) => cells.map((cell) => csvCell(cell)).join(',')).join('\n')}\n`,
    images: predictions.ids.length,
    perClass: classes.map((name, index) => ({ class: name, images: counts[index]! })),
    unlike,
  };
}
