import { defineStore } from 'pinia';
import { ref, shallowRef, watch } from 'vue';
import type { Batch } from '../../contract/calls/apply.ts';
import { ask, onEvent, onReconnect } from './core.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/** What models named in the project that is open, newest first. */
export const useBatches = defineStore('batches', () => {
  const project = useProject();
  const settings = useSettings();
  const batches = shallowRef<readonly Batch[]>([]);
  /** Asked for at least once. */
  const known = ref(false);

  async function refresh(): Promise<void> {
    const { id } = project;
    if (id === undefined) return;
    const list = await ask('apply.list', { project: id, rater: settings.rater }).catch(() => undefined);
    if (!list || id !== project.id) return;
    batches.value = list.batches.toSorted((a, b) => b.batch - a.batch);
    known.value = true;
  }

  /** Takes in what a call or an event says of one batch. */
  function put(batch: Batch): void {
    const others = batches.value.filter((other) => other.batch !== batch.batch);
    batches.value = [...others, batch].toSorted((a, b) => b.batch - a.batch);
  }

  onEvent('batch.changed', (event) => {
    if (event.project === project.id) put(event.batch);
  });
  onReconnect(() => void refresh());
  watch(
    () => [project.id, settings.rater] as const,
    () => {
      batches.value = [];
      known.value = false;
      void refresh();
    },
    { immediate: true },
  );
  return { batches, known, refresh, put };
});
