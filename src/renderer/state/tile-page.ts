import { computed, ref, type Ref } from 'vue';
import { WINDOW_MOST } from '../../contract/view.ts';
import { onLabelKeys } from './label-commands.ts';
import { useLabelling, type LabelValue } from './labelling.ts';
import { useLabelSaid } from './label-words.ts';
import { announce } from './live.ts';
import { none, rangesOf, sizeOf, type Ranges } from './selection.ts';
import type { Tile } from './tiles.ts';
import type { View } from './view.ts';

/**
 * The first images of a view, as many as one looks at without leaving the place: what is behind a number, or next to
 * review. Label keys are for those selected, or for the one that has the focus.
 */
export function useTilePage(
  view: View,
  /** The label keys are for all of the view, also for what is not shown. */
  whole: Readonly<Ref<boolean>> = ref(false),
): {
  readonly tiles: Readonly<Ref<readonly Tile[]>>;
  /** The list whose images are shown; undefined while they are fetched. */
  readonly shown: Readonly<Ref<number | undefined>>;
  readonly selected: Ref<readonly number[]>;
  readonly current: Ref<number>;
} {
  const labelling = useLabelling();
  const said = useLabelSaid();
  const selected = ref<readonly number[]>([]);
  const current = ref(0);
  view.ensure(0, WINDOW_MOST);

  const fetched = computed(() => {
    void view.revision.value;
    if (view.id.value === null) return undefined;
    const tiles: Tile[] = [];
    for (let at = 0; at < Math.min(view.count.value, WINDOW_MOST); at++) {
      const tile = view.tile(at);
      if (!tile) return undefined;
      tiles.push(tile);
    }
    return tiles;
  });
  /** Those of before stay until the others are there: what is opened anew does not jump. */
  const tiles = computed<readonly Tile[]>((before) => fetched.value ?? before ?? []);
  const shown = computed(() => (fetched.value ? (view.id.value ?? undefined) : undefined));

  const targets = computed<Ranges>(() => {
    if (whole.value) return view.count.value > 0 ? [[0, view.count.value]] : none;
    const chosen = new Set(selected.value);
    if (chosen.size > 0) return rangesOf([...tiles.value.keys()].filter((at) => chosen.has(tiles.value[at]!.image)));
    return current.value < tiles.value.length ? [[current.value, current.value + 1]] : none;
  });
  async function label(value: LabelValue): Promise<void> {
    const ranges = targets.value;
    selected.value = [];
    if (await labelling.label(view, ranges, value)) announce(said(sizeOf(ranges), value));
  }
  // Places of the list before are those of other images.
  const accepts = computed(() => shown.value !== undefined);
  onLabelKeys(
    (value) => void label(value),
    accepts,
    () => {},
  );
  return { tiles, shown, selected, current };
}
