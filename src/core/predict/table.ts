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
 * multiple of the one beyond which it is. Files that could not be read stand last, with the reason as note. UTF-8,
 * comma, `.` decimals; no cell starts a formula. The text is made a piece at a time and counted along.
 */
export class PredictionTable {
  readonly #classes: readonly string[];
  readonly #model: { readonly arm: string; readonly run: string };
  readonly #counts: number[];
  images = 0;
  /** Images that are unlike the training images. */
  unlike = 0;

  constructor(classes: readonly string[], model: { readonly arm: string; readonly run: string }) {
    this.#classes = classes;
    this.#model = model;
    this.#counts = classes.map(() => 0);
  }

  get perClass(): { class: string; images: number }[] {
    return this.#classes.map((name, index) => ({ class: name, images: this.#counts[index]! }));
  }

  /** The first line. */
  head(): string {
    return textOf([columns]);
  }

  /** Lines of what was named. @param images among which they are */
  named(images: readonly NamedImage[], predictions: Rows): string {
    const known = new Map(images.map((image) => [image.id, image]));
    const { arm, run } = this.#model;
    const lines: string[][] = [];
    predictions.ids.forEach((id, row) => {
      const { file, group, label } = known.get(id)!;
      const probabilities = predictions.values.subarray(row * predictions.width, (row + 1) * predictions.width);
      const [first, second] = topTwo(probabilities);
      const distance = predictions.distances?.[row];
      this.images++;
      this.#counts[first]!++;
      if (distance !== undefined && distance > 1) this.unlike++;
      lines.push([
        file,
        group ?? '',
        this.#classes[first]!,
        probabilities[first]!.toFixed(6),
        this.#classes[second]!,
        probabilities[second]!.toFixed(6),
        (probabilities[first]! - probabilities[second]!).toFixed(6),
        'named',
        label ?? '',
        '',
        arm,
        run,
        ...(distance === undefined ? ['', ''] : [distance > 1 ? 'yes' : 'no', distance.toFixed(6)]),
      ]);
    });
    return textOf(lines);
  }

  /** Lines of what could not be read. */
  unread(files: readonly Unread[]): string {
    const { arm, run } = this.#model;
    return textOf(
      files.map(({ file, group, reason }) => [
        ...[file, group ?? '', '', '', '', '', '', 'unreadable', '', reason],
        ...[arm, run, '', ''],
      ]),
    );
  }
}

const textOf = (lines: readonly (readonly string[])[]): string =>
  lines.map((cells) => `${cells.map((cell) => csvCell(cell)).join(',')}\n`).join('');
