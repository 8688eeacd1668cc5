import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError, type ErrorShape } from '../../contract/errors.ts';
import type { LibrarySummary } from '../../contract/library.ts';
import type { Progress } from '../../contract/progress.ts';
import type { RecentProject } from '../../contract/recent.ts';
import type { Results } from '../../contract/results.ts';
import type { RunRow } from '../../contract/runs.ts';
import type { CallerInputOf, OutputOf } from '../../rpc/types.ts';
import { openCore, type Core } from './connection.ts';

/** What the page knows of core: one project at a time, its runs, and the result that is open. */
export const useStore = defineStore('acclimate', () => {
  const isConnected = ref(false);
  const busy = ref(0);
  const error = shallowRef<ErrorShape>();
  const recent = shallowRef<RecentProject[]>([]);
  const project = ref<string>();
  const library = shallowRef<LibrarySummary>();
  const runs = shallowRef<RunRow[]>([]);
  const progress = ref<Record<string, Progress>>({});
  const results = shallowRef<Results>();
  let core: Core | undefined;

  async function connect(): Promise<void> {
    const opened = await openCore(() => (isConnected.value = false));
    core = opened;
    isConnected.value = true;
    opened.on('run.progress', (event) => {
      if (event.project === project.value) progress.value[event.run] = event.progress;
    });
    opened.on('run.state', (event) => {
      if (event.project !== project.value) return;
      putRow(event.row);
      if (event.row.state === 'finished') void openResults(event.row.id);
    });
    await loadRecent();
  }

  /** One call; what goes wrong is shown where the user is, and gives undefined. */
  async function call<K extends keyof CoreCalls & string>(
    name: K,
    input: CallerInputOf<CoreCalls, K>,
  ): Promise<OutputOf<CoreCalls, K> | undefined> {
    error.value = undefined;
    busy.value += 1;
    try {
      return await core!.call(name, input);
    } catch (thrown) {
      error.value = AppError.from(thrown).toShape();
      return undefined;
    } finally {
      busy.value -= 1;
    }
  }

  function putRow(row: RunRow): void {
    const others = runs.value.filter(({ id }) => id !== row.id);
    runs.value = [row, ...others].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  async function loadRecent(): Promise<void> {
    recent.value = (await call('recent.list', {}))?.projects ?? [];
  }

  async function loadRuns(): Promise<void> {
    if (project.value) runs.value = (await call('runs.list', { project: project.value }))?.runs ?? [];
    const finished = runs.value.find(({ state, kind }) => state === 'finished' && kind === 'one-click');
    if (finished) await openResults(finished.id);
  }

  async function openProject(folder: string): Promise<void> {
    const summary = await call('library.summary', { project: folder });
    if (!summary) return;
    project.value = summary.project;
    library.value = summary;
    results.value = undefined;
    progress.value = {};
    await call('recent.note', { project: summary.project, keep: true });
    await loadRuns();
  }

  async function closeProject(): Promise<void> {
    project.value = undefined;
    library.value = undefined;
    runs.value = [];
    results.value = undefined;
    await loadRecent();
  }

  async function openResults(run: string): Promise<void> {
    if (project.value) results.value = await call('results.get', { project: project.value, run });
  }

  async function work(name: 'runs.start' | 'runs.resume'): Promise<void> {
    if (!project.value) return;
    await call(name, { project: project.value });
  }

  async function stop(name: 'runs.pause' | 'runs.cancel', run: string): Promise<void> {
    if (!project.value) return;
    const row = await call(name, { project: project.value, run });
    if (row) putRow(row);
  }

  return {
    isConnected,
    busy,
    error,
    recent,
    project,
    library,
    runs,
    progress,
    results,
    connect,
    openProject,
    closeProject,
    openResults,
    forget: async (folder: string) => {
      await call('recent.note', { project: folder, keep: false });
      await loadRecent();
    },
    start: () => work('runs.start'),
    resume: () => work('runs.resume'),
    pause: (run: string) => stop('runs.pause', run),
    cancel: (run: string) => stop('runs.cancel', run),
  };
});
