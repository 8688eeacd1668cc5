import { watch } from 'vue';
import type { Tile } from '../../state/tiles.ts';
import type { View } from '../../state/view.ts';

/** Images that are decoded before they are asked for: the nearest first, and those to come before those that went. */
const steps = [1, 2, 3, -1, -2, -3];
const mostKept = 12;

/** The next images are there when they are wanted: large ones are made by core first, which takes its time. */
export function keepNear(view: View, current: () => number, address: (tile: Tile) => string): void {
  const kept = new Map<string, HTMLImageElement>();
  watch(
    [current, () => view.revision.value],
    () => {
      for (const step of steps) {
        const at = current() + step;
        const near = at >= 0 ? view.tile(at) : undefined;
        if (!near) continue;
        const url = address(near);
        if (kept.has(url)) continue;
        const image = new Image();
        image.src = url;
        void image.decode().catch(() => undefined);
        kept.set(url, image);
      }
      for (const url of kept.keys()) {
        if (kept.size <= mostKept) break;
        kept.delete(url);
      }
    },
    { immediate: true },
  );
}
