import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import type { z } from 'zod';
import { NO_CLASS, TILE_BYTES, WINDOW_MOST, type viewInputSchema } from '../../contract/view.ts';
import { call, onEvent, onReconnect } from './core.ts';
import { useNotices } from './notices.ts';
import { pictureUrl } from './pictures.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/** One image of a page as it is shown. */
export interface PageTile {
  readonly image: number;
  readonly url: string;
  /** Shown until the picture is there. */
  readonly mean: string;
  readonly flags: number;
  /** Class that counts for the rater, and the one the applied model calls. */
  readonly label: number | null;
  readonly called: number | null;
  /** 0..1 */
  readonly probability: number;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Reads the records of a window, see `TILE_BYTES`. */
export function readTiles(project: string, bytes: Uint8Array): readonly PageTile[] {
  const records = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const classAt = (at: number): number | null => {
    const value = records.getUint16(at, true);
    return value === NO_CLASS ? null : value;
  };
  return Array.from({ length: Math.floor(bytes.byteLength / TILE_BYTES) }, (_, index) => {
    const at = index * TILE_BYTES;
    const image = records.getUint32(at, true);
    const key = base64url(bytes.subarray(at + 4, at + 16));
    const [red, green, blue] = [16, 17, 18].map((offset) => records.getUint8(at + offset));
    return {
      image,
      url: pictureUrl(project, image, key),
      mean: `rgb(${red} ${green} ${blue})`,
      flags: records.getUint16(at + 20, true),
      label: classAt(at + 22),
      called: classAt(at + 24),
      probability: records.getUint8(at + 26) / 255,
    };
  });
}

type Source = NonNullable<z.input<typeof viewInputSchema>['source']>;

/**
 * The first images of a view, as many as one looks at without leaving the place: what is behind a number, or next to
 * review. Labels set meanwhile are shown in place; the order stays until it is opened anew.
 */
export function useViewPage(source: () => Source | undefined): {
  readonly tiles: Readonly<Ref<readonly PageTile[]>>;
  readonly total: Readonly<Ref<number>>;
  readonly loading: Readonly<Ref<boolean>>;
  reopen(): Promise<void>;
} {
  const project = useProject();
  const settings = useSettings();
  const notices = useNotices();
  const tiles = shallowRef<readonly PageTile[]>([]);
  const total = ref(0);
  const loading = ref(false);
  let opened: { project: string; rater: string; view: number } | undefined;
  let turn = 0;

  async function close(): Promise<void> {
    const before = opened;
    opened = undefined;
    if (before) await call('view.close', before).catch(() => undefined);
  }

  async function reopen(): Promise<void> {
    const mine = ++turn;
    const [id, wanted] = [project.id, source()];
    await close();
    if (id === undefined || !wanted) {
      tiles.value = [];
      total.value = 0;
      return;
    }
    loading.value = true;
    const seat = { project: id, rater: settings.rater };
    const view = await notices.tell(() => call('view.open', { ...seat, source: wanted }));
    if (!view || mine !== turn) {
      if (view) await call('view.close', { ...seat, view: view.view }).catch(() => undefined);
      else loading.value = false;
      return;
    }
    opened = { ...seat, view: view.view };
    total.value = view.count;
    await refetch();
    if (mine === turn) loading.value = false;
  }

  async function refetch(): Promise<void> {
    const now = opened;
    if (!now) return;
    if (total.value === 0) {
      tiles.value = [];
      return;
    }
    const count = Math.min(total.value, WINDOW_MOST);
    const window = await call('view.window', { ...now, from: 0, count }).catch(() => undefined);
    if (window && opened === now) tiles.value = readTiles(now.project, window.tiles);
  }

  watch(() => [project.id, settings.rater, JSON.stringify(source())], reopen, { immediate: true });
  onEvent('labels.changed', (event) => {
    if (event.project === project.id) void refetch();
  });
  onReconnect(() => void reopen());
  onScopeDispose(() => {
    turn++;
    void close();
  });
  return { tiles, total, loading, reopen };
}
