import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { z } from 'zod';
import { tileFlags, WINDOW_MOST, type viewInputSchema } from '../../contract/view.ts';
import { call, onEvent, onReconnect } from './core.ts';
import { useNotices } from './notices.ts';
import { readTile, type Tile } from './tiles.ts';

export type ViewInput = z.input<typeof viewInputSchema>;

/** What a label makes of a tile, shown before core has answered. */
export interface Patch {
  readonly class: number | null;
  readonly mark: 'none' | 'unsure' | 'skip' | null;
}

export interface View {
  /** Null until it is open. */
  readonly id: Readonly<Ref<number | null>>;
  readonly input: Readonly<ShallowRef<ViewInput | null>>;
  readonly count: Readonly<Ref<number>>;
  readonly labelled: Readonly<Ref<number>>;
  /** How far the looking is that a queue waits for. */
  readonly building: Readonly<Ref<number | null>>;
  /** First place of each group; empty without grouping. */
  readonly groupStarts: Readonly<ShallowRef<Int32Array>>;
  /** Rises whenever a tile may show something else. */
  readonly revision: Readonly<Ref<number>>;
  tile(at: number): Tile | undefined;
  /** Sees to it that these tiles come. */
  ensure(from: number, to: number): void;
  groupName(group: number): { name: string; images: number; labelled: number } | undefined;
  /** Opens it anew: order and number of images may change. */
  refresh(): Promise<void>;
  find(image: number): Promise<number | null>;
  /** Shows a label at once; taken back by `unpatch`, and forgotten when core tells the tile anew. */
  patch(images: readonly number[], patch: Patch): void;
  unpatch(images: readonly number[]): void;
}

/** Windows kept: more than any screen, less than memory minds. */
const mostWindows = 64;
/** Tiles of a window that were read: the same ones are drawn many times. */
const read = new WeakMap<Uint8Array, (Tile | undefined)[]>();
function readOnce(window: Uint8Array, place: number): Tile {
  let tiles = read.get(window);
  if (!tiles) read.set(window, (tiles = []));
  return (tiles[place] ??= readTile(window, place));
}
const markBits = tileFlags.none | tileFlags.unsure | tileFlags.skip;

/**
 * An ordered list of images in core, fetched in windows as it is looked at. Its order stays put while labels change;
 * it is opened anew when what is asked for changes, or on request.
 */
export function useView(wanted: () => ViewInput | null): View {
  const notices = useNotices();
  const id = ref<number | null>(null);
  const input = shallowRef<ViewInput | null>(null);
  const count = ref(0);
  const labelled = ref(0);
  const building = ref<number | null>(null);
  const groupStarts = shallowRef(new Int32Array(0));
  const revision = ref(0);
  const windows = new Map<number, Uint8Array>();
  const groups = new Map<number, { name: string; images: number; labelled: number }>();
  const asking = new Map<number, AbortController>();
  const patches = new Map<number, Patch>();
  let shown: readonly [number, number] = [0, 0];
  let opening = 0;

  const forget = (): void => {
    asking.forEach((controller) => controller.abort());
    asking.clear();
    windows.clear();
    groups.clear();
    patches.clear();
  };

  async function open(next: ViewInput | null): Promise<void> {
    const mine = ++opening;
    if (next === null) {
      forget();
      id.value = null;
      count.value = 0;
      input.value = null;
      revision.value += 1;
      return;
    }
    const opened = await notices.tell(() => call('view.open', next));
    if (!opened || mine !== opening) return;
    const before = id.value;
    forget();
    id.value = opened.view;
    input.value = next;
    count.value = opened.count;
    labelled.value = opened.labelled;
    building.value = opened.building;
    const bytes = Uint8Array.from(opened.groupStarts);
    groupStarts.value = new Int32Array(bytes.buffer);
    revision.value += 1;
    ensure(...shown);
    if (before !== null) {
      void call('view.close', { project: next.project, rater: next.rater, view: before }).catch(() => undefined);
    }
  }

  async function fetchWindow(number: number): Promise<void> {
    const { value: asked } = input;
    if (id.value === null || asked === null || asking.has(number)) return;
    const controller = new AbortController();
    asking.set(number, controller);
    const at = { project: asked.project, rater: asked.rater, view: id.value };
    try {
      const from = number * WINDOW_MOST;
      const { tiles } = await call('view.window', { ...at, from, count: WINDOW_MOST }, { signal: controller.signal });
      if (controller.signal.aborted) return;
      windows.delete(number);
      windows.set(number, tiles);
      for (const oldest of windows.keys()) {
        if (windows.size <= mostWindows) break;
        windows.delete(oldest);
      }
      revision.value += 1;
    } catch (error) {
      // A view that core no longer holds is opened again; what was scrolled away is not missed.
      if (!controller.signal.aborted && (error as { code?: unknown }).code === 'view.unknown') void open(asked);
    } finally {
      if (asking.get(number) === controller) asking.delete(number);
    }
  }

  async function fetchGroups(from: number): Promise<void> {
    const { value: asked } = input;
    if (id.value === null || asked === null) return;
    const at = { project: asked.project, rater: asked.rater, view: id.value, from, count: WINDOW_MOST };
    const found = await call('view.groups', at).catch(() => undefined);
    found?.groups.forEach((group, i) => groups.set(from + i, group));
    revision.value += 1;
  }

  function ensure(from: number, to: number): void {
    shown = [from, to];
    const [first, last] = [Math.floor(from / WINDOW_MOST), Math.floor(Math.max(from, to - 1) / WINDOW_MOST)];
    for (const [number, controller] of asking) {
      if (number < first - 1 || number > last + 1) {
        controller.abort();
        asking.delete(number);
      }
    }
    for (let number = first; number <= last; number++) {
      if (number * WINDOW_MOST < count.value && !windows.has(number)) void fetchWindow(number);
    }
  }

  function tile(at: number): Tile | undefined {
    const window = windows.get(Math.floor(at / WINDOW_MOST));
    if (!window || at >= count.value) return undefined;
    const found = readOnce(window, at % WINDOW_MOST);
    const patch = patches.get(found.image);
    if (!patch) return found;
    const mark = patch.mark === null ? 0 : tileFlags[patch.mark];
    return { ...found, class: patch.class, flags: (found.flags & ~markBits) | mark };
  }

  /** Tiles on the screen are asked for anew, the others when they are looked at again. */
  async function reload(): Promise<void> {
    const [from, to] = shown;
    const first = Math.floor(from / WINDOW_MOST);
    const last = Math.floor(Math.max(from, to - 1) / WINDOW_MOST);
    for (const number of [...windows.keys()]) if (number < first || number > last) windows.delete(number);
    const gone = [...patches.keys()];
    for (let number = first; number <= last; number++) {
      asking.get(number)?.abort();
      asking.delete(number);
      if (number * WINDOW_MOST < count.value) await fetchWindow(number);
    }
    for (const image of gone) patches.delete(image);
    revision.value += 1;
  }

  const isMine = (project: string): boolean => input.value?.project === project;
  const stops = [
    onEvent('labels.changed', (event) => {
      if (isMine(event.project)) void reload();
    }),
    onEvent('classes.changed', (event) => {
      if (isMine(event.project)) void reload();
    }),
    onReconnect(() => void open(input.value)),
  ];
  onScopeDispose(() => {
    stops.forEach((stop) => stop());
    opening += 1;
    forget();
    const { value: asked } = input;
    if (id.value !== null && asked) {
      void call('view.close', { project: asked.project, rater: asked.rater, view: id.value }).catch(() => undefined);
    }
  });
  watch(
    () => JSON.stringify(wanted()),
    () => void open(wanted()),
    { immediate: true },
  );

  return {
    id,
    input,
    count,
    labelled,
    building,
    groupStarts,
    revision,
    tile,
    ensure,
    groupName(group) {
      if (!groups.has(group)) {
        const from = group - (group % WINDOW_MOST);
        groups.set(group, { name: '', images: 0, labelled: 0 });
        void fetchGroups(from);
      }
      return groups.get(group);
    },
    refresh: () => open(wanted()),
    async find(image) {
      const { value: asked } = input;
      if (id.value === null || asked === null) return null;
      const at = { project: asked.project, rater: asked.rater, view: id.value, image };
      return (await call('view.find', at)).at;
    },
    patch(images, patch) {
      for (const image of images) patches.set(image, patch);
      revision.value += 1;
    },
    unpatch(images) {
      for (const image of images) patches.delete(image);
      revision.value += 1;
    },
  };
}
