import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { RunRow } from '../../contract/runs.ts';
import { ask, onEvent, onReconnect } from './core.ts';
import { useProject } from './project.ts';

/** The runs of the project that is open, newest first. */
export const useRuns = defineStore('runs', () => {
  const project = useProject();
  const rows = shallowRef<readonly RunRow[]>([]);

  async function refresh(): Promise<void> {
    const { id } = project;
    if (id === undefined) return;
    const list = await ask('runs.list', { project: id }).catch(() => undefined);
    if (list && id === project.id) {
      rows.value = list.runs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
    }
  }

  onEvent('run.state', (event) => {
    if (event.project === project.id) void refresh();
  });
  onReconnect(() => void refresh());
  watch(
    () => project.id,
    () => {
      rows.value = [];
      void refresh();
    },
    { immediate: true },
  );
  return { rows, refresh };
});
