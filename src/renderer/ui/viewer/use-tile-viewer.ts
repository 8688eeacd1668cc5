import { nextTick, ref, watch, type Ref, type ShallowRef } from 'vue';

/** Opens the viewer over a page of tiles, and gives the focus back to the tile that was looked at last. */
export function useTileViewer(page: {
  readonly tiles: Readonly<Ref<readonly unknown[]>>;
  readonly selected: Ref<readonly number[]>;
  readonly current: Ref<number>;
  readonly flow: Readonly<ShallowRef<{ focus(): void } | null>>;
  /** What the tiles are of: others close the viewer. */
  readonly opened: () => unknown;
}): { readonly isViewing: Readonly<Ref<boolean>>; look(at: number): void; leave(): Promise<void> } {
  const { tiles, selected, current, flow, opened } = page;
  const isViewing = ref(false);
  watch(opened, () => (isViewing.value = false));
  return {
    isViewing,
    look(at) {
      // Label keys are for the one that is looked at.
      selected.value = [];
      current.value = at;
      isViewing.value = true;
    },
    async leave() {
      isViewing.value = false;
      // A page of tiles ends before a long list does.
      current.value = Math.max(0, Math.min(current.value, tiles.value.length - 1));
      await nextTick();
      flow.value?.focus();
    },
  };
}
