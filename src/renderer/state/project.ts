import { defineStore } from 'pinia';
import { computed, ref, shallowReactive, shallowRef, watch, watchEffect } from 'vue';
import type { ClassInfo, ProjectStatus } from '../../contract/project.ts';
import { ask, callsInFlight, onEvent, onReconnect } from './core.ts';
import { useNotices } from './notices.ts';
import { sameParts } from './same-parts.ts';
import { useSettings } from './settings.ts';

export type NamedClass = Pick<ClassInfo, 'id' | 'name' | 'code' | 'position'>;

/** The project that is open: its status, asked for anew at each change. */
export const useProject = defineStore('project', () => {
  const settings = useSettings();
  const notices = useNotices();
  const id = ref<string>();
  const status = shallowRef<ProjectStatus>();
  let asking: Promise<void> | undefined;
  let askAgain = false;

  /** Without their counts: these change with every label, and nearly everything is drawn with a class. */
  const classes = computed<readonly NamedClass[]>((before) =>
    sameParts(
      before,
      (status.value?.classes ?? []).map(({ id: key, name, code, position }) => ({ id: key, name, code, position })),
    ),
  );
  const classById = computed(() => new Map(classes.value.map((info) => [info.id, info])));

  /** Of what is open already only what differs is told on: after a label that is little of the page. */
  function put(fresh: ProjectStatus): void {
    const before = status.value;
    if (before?.project === fresh.project) Object.assign(before, sameParts(before, fresh));
    else status.value = shallowReactive(fresh);
  }

  /** Opens a project by its id or folder. @returns whether it is open now */
  async function open(project: string): Promise<boolean> {
    if (id.value === project && status.value) return true;
    const opened = await notices.tell(() => ask('projects.open', { project, rater: settings.rater }), [], { project });
    if (!opened) return false;
    notices.dismiss('project.locked');
    id.value = opened.project;
    put(opened);
    return true;
  }

  /** For looking only, while another Acclimate holds it. */
  async function look(project: string): Promise<boolean> {
    const opened = await notices.tell(() => ask('projects.look', { project, rater: settings.rater }), [], { project });
    if (!opened) return false;
    id.value = opened.project;
    put(opened);
    return true;
  }

  async function reopen(): Promise<void> {
    const project = id.value;
    if (project === undefined) return;
    const seat = { project, rater: settings.rater };
    const again = await ask(status.value?.readOnly ? 'projects.look' : 'projects.open', seat);
    if (id.value === project) put(again);
  }

  function close(): void {
    id.value = undefined;
    status.value = undefined;
  }

  /** Asks for the status; while it is asked for, one more time at most. */
  function refresh(): Promise<void> {
    if (asking) {
      askAgain = true;
      return asking;
    }
    asking = fetchStatus().finally(() => {
      asking = undefined;
      if (askAgain) {
        askAgain = false;
        void refresh();
      }
    });
    return asking;
  }

  async function fetchStatus(): Promise<void> {
    const project = id.value;
    if (project === undefined) return;
    const fresh = await ask('projects.status', { project, rater: settings.rater }).catch(() => undefined);
    if (fresh && fresh.project === id.value) put(fresh);
  }

  onEvent('project.changed', (event) => {
    if (event.project === id.value) void refresh();
  });
  onEvent('run.progress', ({ project, run, progress }) => {
    const now = status.value;
    if (project === id.value && now?.run?.id === run) now.run = { ...now.run, progress };
  });
  // Core may be another one that has not opened the project yet. What is shown stays until it answers.
  onReconnect(() => void notices.tell(reopen));
  watch(
    () => settings.rater,
    () => void refresh(),
  );

  watchEffect(() => {
    const { dataset } = document.body;
    const now = status.value;
    dataset['projectState'] = now?.state ?? 'none';
    dataset['stale'] = String(now?.stale ?? false);
    dataset['seq'] = String(now?.seq ?? 0);
    dataset['savedSeq'] = String(now?.savedSeq ?? 0);
  });
  watchEffect(() => (document.body.dataset['busy'] = String(callsInFlight.value)));

  return { id, status, classes, classById, open, look, close, refresh };
});
