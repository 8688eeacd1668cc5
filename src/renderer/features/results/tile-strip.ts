import { computed, watch, type Ref, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { onCommand } from '../../commands/handlers.ts';
import { announce } from '../../state/live.ts';
import { useProject } from '../../state/project.ts';
import { useTilePage } from '../../state/tile-page.ts';
import { markOf } from '../../state/tiles.ts';
import type { View } from '../../state/view.ts';
import type { FlowTile } from '../../ui/TileFlow.vue';

/**
 * The images that something in the results opened: their names, what was selected, and the focus, which goes to them
 * when they are there.
 */
export function useTileStrip(
  view: View,
  {
    opened,
    title,
    flow,
    whole,
    close,
  }: {
    /** What was opened: nothing that was selected there holds for the next. */
    readonly opened: () => unknown;
    readonly title: Readonly<Ref<string>>;
    readonly flow: Readonly<ShallowRef<{ focus(): void } | null>>;
    /** The label keys are for all of the view; off again for the next. */
    readonly whole?: Ref<boolean>;
    close(): void;
  },
): Pick<ReturnType<typeof useTilePage>, 'shown' | 'selected' | 'current'> & {
  readonly tiles: Readonly<Ref<readonly FlowTile[]>>;
} {
  const { t, n } = useI18n();
  const project = useProject();
  const { tiles: page, shown, selected, current } = useTilePage(view, whole);
  const tiles = computed<readonly FlowTile[]>(() =>
    page.value.map((tile, index) => {
      const label = tile.class === null ? undefined : project.classById.get(tile.class);
      const name = t('results.behind.tile', {
        label: label?.name ?? t(`results.behind.${markOf(tile) ?? 'unlabelled'}`),
        at: n(index + 1, 'integer'),
        all: n(view.count.value, 'integer'),
      });
      return { ...tile, name, chip: label };
    }),
  );
  onCommand('select.back', close);
  watch(opened, () => {
    if (whole) whole.value = false;
    selected.value = [];
    current.value = 0;
  });
  watch(
    shown,
    (list) => {
      if (list === undefined) return;
      announce(title.value);
      flow.value?.focus();
    },
    { flush: 'post' },
  );
  return { tiles, shown, selected, current };
}
