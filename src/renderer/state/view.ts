import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { WINDOW_MOST, type viewInputSchema } from '../../contract/view.ts';
import { ask, call, onEvent, onReconnect } from './core.ts';
import { useNotices } from './notices.ts';
import { Patches, type Patch } from './patches.ts';
import { imagesOf, readTile, type Tile } from './tiles.ts';

export type ViewInput = z.input<typeof viewInputSchema>;

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
  /** Place of an image; null where it is not in the list, undefined where that cannot be told: another list comes then. */
  find(image: number): Promise<number | null | undefined>;
  /** Shows a label at once; `written` says that core has it, `unpatch` that it was not taken. */
  patch(images: readonly number[], patch: Patch): void;
  written(images: readonly number[]): void;
  unpatch(images: readonly number[]): void;
}

/** An open list as core knows it. */
interface Held {
  readonly project: string;
  readonly rater: string;
  readonly view: number;
}

/** Tiles are told anew so often at most: what is labelled here is shown already, and whoever labels fast makes no queue. */
const reloadMs = 300;
/** Windows kept: more than any screen, less than memory minds. */
const mostWindows = 64;
/** Tiles of a window that were read: the same ones are drawn many times. */
const read = new WeakMap<Uint8Array, (Tile | undefined)[]>();
function readOnce(window: Uint8Array, place: number): Tile {
  let tiles = read.get(window);
  if (!tiles) read.set(window, (tiles = []));
  return (tiles[place] ??= readTile(window, place));
}

/**
 * An ordered list of images in core, fetched in windows as it is looked at. Its order stays put while labels change;
 * it is opened anew when what is asked for changes, when core was started again, or on request.
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
  /** Groups whose counts are those of now, or are asked for. */
  const counted = new Set<number>();
  const asking = new Map<number, AbortController>();
  /** Windows that may be told otherwise by now than they are being told. */
  const again = new Set<number>();
  const patches = new Patches();
  let held: Held | undefined;
  let shown: readonly [number, number] = [0, 0];
  let opening = 0;

  function forget(): void {
    asking.forEach((controller) => controller.abort());
    asking.clear();
    again.clear();
    windows.clear();
    groups.clear();
    counted.clear();
  }

  /** What is said of a failure: not of one that passes, for it is opened anew when core is back. */
  function fail(error: unknown): void {
    if (!(error instanceof AppError && error.code === 'process.died')) notices.fail(error);
  }

  /** A list that core no longer holds is opened again. */
  function reopen(error: unknown): void {
    if (error instanceof AppError && error.code === 'view.unknown') void open(wanted());
    else fail(error);
  }

  const close = (view: Held | undefined): void => {
    if (view) call('view.close', view).catch(() => undefined);
  };

  async function open(next: ViewInput | null): Promise<void> {
    const mine = ++opening;
    const opened = next === null ? undefined : await ask('view.open', next).catch(fail);
    if (mine !== opening) {
      if (next && opened) close({ project: next.project, rater: next.rater, view: opened.view });
      return;
    }
    if (next !== null && !opened) return;
    const before = held;
    forget();
    if (before?.project !== next?.project) patches.clear();
    held = next && opened ? { project: next.project, rater: next.rater, view: opened.view } : undefined;
    id.value = held?.view ?? null;
    input.value = next;
    count.value = opened?.count ?? 0;
    labelled.value = opened?.labelled ?? 0;
    building.value = opened?.building ?? null;
    groupStarts.value = new Int32Array(Uint8Array.from(opened?.groupStarts ?? []).buffer);
    revision.value += 1;
    ensure(...shown);
    close(before);
  }

  async function fetchWindow(number: number): Promise<void> {
    const from = held;
    if (!from || asking.has(number)) return;
    const controller = new AbortController();
    const { signal } = controller;
    asking.set(number, controller);
    const known = patches.known();
    try {
      const { tiles } = await ask(
        'view.window',
        { ...from, from: number * WINDOW_MOST, count: WINDOW_MOST },
        { signal },
      );
      if (signal.aborted) return;
      windows.delete(number);
      windows.set(number, tiles);
      patches.tell(imagesOf(tiles), known);
      for (const oldest of windows.keys()) {
        if (windows.size <= mostWindows) break;
        windows.delete(oldest);
      }
      revision.value += 1;
    } catch (error) {
      // What was scrolled away is not missed.
      if (!signal.aborted) reopen(error);
    } finally {
      if (asking.get(number) === controller) {
        asking.delete(number);
        if (again.delete(number)) void fetchWindow(number);
      }
    }
  }

  async function fetchGroups(from: number): Promise<void> {
    const asked = held;
    if (!asked) return;
    const numbers = Array.from({ length: WINDOW_MOST }, (_, i) => from + i);
    numbers.forEach((number) => counted.add(number));
    const found = await ask('view.groups', { ...asked, from, count: WINDOW_MOST }).catch(() => undefined);
    if (held !== asked) return;
    found?.groups.forEach((group, i) => groups.set(from + i, group));
    // Asked for again when it is drawn next.
    if (!found) numbers.forEach((number) => counted.delete(number));
    else revision.value += 1;
  }

  const windowsOf = (from: number, to: number): readonly [number, number] => [
    Math.floor(from / WINDOW_MOST),
    Math.floor(Math.max(from, to - 1) / WINDOW_MOST),
  ];

  function ensure(from: number, to: number): void {
    shown = [from, to];
    const [first, last] = windowsOf(from, to);
    for (const [number, controller] of asking) {
      if (number < first - 1 || number > last + 1) {
        controller.abort();
        asking.delete(number);
        again.delete(number);
      }
    }
    for (let number = first; number <= last; number++) {
      if (number * WINDOW_MOST < count.value && !windows.has(number)) void fetchWindow(number);
    }
  }

  function tile(at: number): Tile | undefined {
    const window = windows.get(Math.floor(at / WINDOW_MOST));
    return window && at < count.value ? patches.apply(readOnce(window, at % WINDOW_MOST)) : undefined;
  }

  /** Tiles on the screen are asked for anew, the others when they are looked at again. */
  function reload(): void {
    const [first, last] = windowsOf(...shown);
    for (const number of windows.keys()) if (number < first || number > last) windows.delete(number);
    counted.clear();
    for (let number = first; number <= last; number++) {
      if (asking.has(number)) again.add(number);
      else if (number * WINDOW_MOST < count.value) void fetchWindow(number);
    }
    revision.value += 1;
  }

  let reloaded = -Infinity;
  let later: number | undefined;
  /** At once, or when it is due again. */
  function reloadSoon(): void {
    if (later !== undefined) return;
    const wait = reloaded + reloadMs - performance.now();
    const run = (): void => {
      later = undefined;
      reloaded = performance.now();
      reload();
    };
    if (wait <= 0) run();
    else later = window.setTimeout(run, wait);
  }

  const isMine = (project: string): boolean => held?.project === project;
  onEvent('labels.changed', (event) => {
    if (isMine(event.project)) reloadSoon();
  });
  onEvent('classes.changed', (event) => {
    if (isMine(event.project)) reload();
  });
  onReconnect(() => void open(wanted()));
  onScopeDispose(() => {
    window.clearTimeout(later);
    opening += 1;
    forget();
    close(held);
    held = undefined;
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
      if (!counted.has(group)) void fetchGroups(group - (group % WINDOW_MOST));
      return groups.get(group);
    },
    refresh: () => open(wanted()),
    async find(image) {
      const found = held && (await ask('view.find', { ...held, image }).catch(reopen));
      return found?.at;
    },
    patch(images, patch) {
      patches.put(images, patch);
      revision.value += 1;
    },
    written: (images) => patches.written(images),
    unpatch(images) {
      patches.drop(images);
      revision.value += 1;
    },
  };
}
