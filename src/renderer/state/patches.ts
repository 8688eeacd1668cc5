import { tileFlags } from '../../contract/view.ts';
import type { Tile } from './tiles.ts';

/** What a label makes of a tile, shown before core has answered. */
export interface Patch {
  readonly class: number | null;
  readonly mark: 'none' | 'unsure' | 'skip' | null;
}

interface Entry {
  readonly patch: Patch;
  /** Core has written it: a tile that is asked for from now on tells it by itself. */
  written: boolean;
}

const markBits = tileFlags.none | tileFlags.unsure | tileFlags.skip;

/** Labels that are shown on tiles which core told before it had them. By image id, so they outlive a list. */
export class Patches {
  readonly #entries = new Map<number, Entry>();

  put(images: readonly number[], patch: Patch): void {
    for (const image of images) this.#entries.set(image, { patch, written: false });
  }

  /** They were not taken. */
  drop(images: readonly number[]): void {
    for (const image of images) this.#entries.delete(image);
  }

  written(images: readonly number[]): void {
    for (const image of images) {
      const entry = this.#entries.get(image);
      if (entry) entry.written = true;
    }
  }

  clear(): void {
    this.#entries.clear();
  }

  /** To be called when tiles are asked for: those that the answer will tell, to be given to `tell` with the answer. */
  known(): ReadonlyMap<number, Entry> {
    return new Map([...this.#entries].filter(([, entry]) => entry.written));
  }

  /** Tiles of these images have come; a label that was given meanwhile stays. */
  tell(images: Iterable<number>, known: ReadonlyMap<number, Entry>): void {
    if (known.size === 0) return;
    for (const image of images) {
      const entry = known.get(image);
      if (entry && this.#entries.get(image) === entry) this.#entries.delete(image);
    }
  }

  apply(tile: Tile): Tile {
    const entry = this.#entries.get(tile.image);
    if (!entry) return tile;
    const { class: id, mark } = entry.patch;
    return { ...tile, class: id, flags: (tile.flags & ~markBits) | (mark === null ? 0 : tileFlags[mark]) };
  }
}
