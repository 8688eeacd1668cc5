import { computed, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { storeToRefs } from 'pinia';
import type { ShownWhy } from '../../contract/calls/why.ts';
import { AppError } from '../../contract/errors.ts';
import type { ArmName } from '../../contract/run-files.ts';
import { useBatches } from './batches.ts';
import { ask } from './core.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/** A model of a run; the one that is applied where no arm is named. */
export interface Model {
  readonly run: string;
  readonly arm?: ArmName | undefined;
}

/** The model that named the images, else the one of the newest results; what is shipped has none. */
export function useAppliedModel(): Readonly<Ref<Model | undefined>> {
  const project = useProject();
  const { batches } = storeToRefs(useBatches());
  return computed(() => {
    const { applied, results } = project.status ?? {};
    if (applied) {
      const { arm } = batches.value.find(({ batch }) => batch === applied.batch) ?? {};
      return { run: applied.run, arm };
    }
    return results && results.number > 0 ? { run: results.run } : undefined;
  });
}

/** Who leafs through images has none asked about that pass. */
const restMs = 150;

/**
 * What a model sees in an image, asked for while `isOn`: anew for each image and class, one question at a time. The
 * class that was chosen holds for the image alone.
 */
export function useWhy(
  image: () => number | undefined,
  model: () => Model | undefined,
  isOn: Ref<boolean>,
): {
  readonly why: Readonly<ShallowRef<ShownWhy | undefined>>;
  /** Share that is done; undefined where nothing is asked. */
  readonly fraction: Readonly<Ref<number | undefined>>;
  readonly error: Readonly<ShallowRef<AppError | undefined>>;
  /** Place in the run's classes; null is what the model calls the image. */
  readonly asked: Ref<number | null>;
} {
  const project = useProject();
  const settings = useSettings();
  const why = shallowRef<ShownWhy>();
  const fraction = ref<number>();
  const error = shallowRef<AppError>();
  const asked = ref<number | null>(null);
  let timer: number | undefined;
  let going: AbortController | undefined;

  function stop(): void {
    window.clearTimeout(timer);
    going?.abort(new AppError('call.cancelled'));
    going = undefined;
    fraction.value = undefined;
  }

  async function begin(): Promise<void> {
    const [id, of, by] = [project.id, image(), model()];
    if (id === undefined || of === undefined || by === undefined) return;
    const mine = new AbortController();
    going = mine;
    try {
      const found = await ask(
        'images.why',
        { project: id, rater: settings.rater, image: of, run: by.run, arm: by.arm, class: asked.value },
        {
          signal: mine.signal,
          onProgress: ({ stage, fraction: done }) => {
            if (going === mine && stage === 'why') fraction.value = done;
          },
        },
      );
      if (going === mine) why.value = found;
    } catch (thrown) {
      if (going === mine) error.value = AppError.from(thrown);
    } finally {
      if (going === mine) {
        going = undefined;
        fraction.value = undefined;
      }
    }
  }

  watch(image, () => (asked.value = null), { flush: 'sync' });
  watch(
    () => [project.id, settings.rater, image(), model()?.run, model()?.arm, asked.value, isOn.value] as const,
    () => {
      stop();
      why.value = undefined;
      error.value = undefined;
      if (!isOn.value) return;
      fraction.value = 0;
      timer = window.setTimeout(() => void begin(), restMs);
    },
    { immediate: true },
  );
  onScopeDispose(stop);
  return { why, fraction, error, asked };
}
