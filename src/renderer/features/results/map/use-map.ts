import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import { MAP_READ_MOST, type ImageMap, type MapColouring } from '../../../../contract/calls/map.ts';
import type { Progress } from '../../../../contract/progress.ts';
import type { ArmName } from '../../../../contract/run-files.ts';
import { ask, call, onEvent } from '../../../state/core.ts';
import { useNotices } from '../../../state/notices.ts';
import { useProject } from '../../../state/project.ts';
import { useSettings } from '../../../state/settings.ts';

/** The points of a map, as far as they have come. */
export interface Points {
  readonly places: Float32Array;
  readonly clusters: Uint8Array;
}
/** What each point is coloured by, as the contract numbers it. */
export interface Colouring {
  readonly by: MapColouring;
  readonly values: Uint16Array;
  readonly names: readonly string[];
}
type State = Readonly<Record<ArmName, ImageMap | null>> & { readonly images: number; readonly hasAdapted: boolean };

/** Labels come one after the other; colours follow a moment later. */
const recolourMs = 500;

/** The maps of a run: whether they are there, how one is made, and the points of the one that is shown. */
export function useMap(
  run: () => string,
  arm: () => ArmName,
  by: () => MapColouring,
): {
  readonly state: Readonly<Ref<State | undefined>>;
  readonly points: Readonly<Ref<Points | undefined>>;
  readonly loaded: Readonly<Ref<number>>;
  readonly colouring: Readonly<Ref<Colouring | undefined>>;
  /** Of the map under way. */
  readonly progress: Readonly<Ref<Progress | undefined>>;
  make(): Promise<void>;
  cancel(): void;
} {
  const project = useProject();
  const settings = useSettings();
  const notices = useNotices();
  const state = shallowRef<State>();
  const points = shallowRef<Points>();
  const loaded = ref(0);
  const colouring = shallowRef<Colouring>();
  const progress = shallowRef<Progress>();
  let making: AbortController | undefined;
  let reading = 0;
  let isGone = false;

  const at = (): { project: string; run: string } => ({ project: project.id ?? '', run: run() });
  const shown = (): ImageMap | null => state.value?.[arm()] ?? null;

  async function look(): Promise<void> {
    const found = await notices.tell(() => ask('map.state', at()));
    if (!found || isGone) return;
    state.value = found;
    // Begun before this page was there, or by another one.
    if (found.making === arm() && !making) void make();
  }

  async function make(): Promise<void> {
    const mine = new AbortController();
    const which = arm();
    making = mine;
    progress.value = { stage: 'features', fraction: 0 };
    try {
      const { signal } = mine;
      const onProgress = (told: Progress): void => void (progress.value = told);
      await call('map.make', { ...at(), arm: which }, { signal, onProgress });
    } catch (error) {
      if (!mine.signal.aborted) notices.fail(error);
    } finally {
      if (making === mine) making = undefined;
      progress.value = undefined;
    }
    await look();
  }

  async function read(): Promise<void> {
    const mine = ++reading;
    const map = shown();
    points.value = undefined;
    loaded.value = 0;
    colouring.value = undefined;
    if (!map) return;
    const found: Points = { places: new Float32Array(2 * map.images), clusters: new Uint8Array(map.images) };
    points.value = found;
    const bytes = new Uint8Array(found.places.buffer);
    const asked = { ...at(), arm: arm() };
    void recolour();
    for (let from = 0; from < map.images; from += MAP_READ_MOST) {
      const part = await notices.tell(() => ask('map.read', { ...asked, from, count: MAP_READ_MOST }));
      if (mine !== reading || !part) return;
      bytes.set(part.places, 8 * from);
      found.clusters.set(part.clusters, from);
      loaded.value = from + part.clusters.length;
    }
  }

  async function recolour(): Promise<void> {
    const mine = reading;
    const [asked, map] = [by(), shown()];
    if (!map) return;
    const found = await notices.tell(() =>
      ask('map.colours', { ...at(), arm: arm(), rater: settings.rater, by: asked }),
    );
    if (!found || mine !== reading || asked !== by()) return;
    const values = new Uint16Array(found.values.slice().buffer);
    if (values.length === map.images) colouring.value = { by: asked, values, names: found.names };
  }

  let later: number | undefined;
  onEvent('labels.changed', (event) => {
    if (event.project !== project.id || by() !== 'class') return;
    later ??= window.setTimeout(() => {
      later = undefined;
      void recolour();
    }, recolourMs);
  });
  onScopeDispose(() => {
    isGone = true;
    reading += 1;
    window.clearTimeout(later);
  });
  watch(run, look, { immediate: true });
  watch(shown, read);
  watch(by, recolour);

  return { state, points, loaded, colouring, progress, make, cancel: () => making?.abort() };
}
