import { shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { canRun, runCommand } from '../commands/handlers.ts';
import { commands } from '../commands/table.ts';
import { useCommandWords } from '../commands/words.ts';
import { ask, call } from '../state/core.ts';
import { useSavedFilters } from '../state/saved-filters.ts';
import { useRunWords } from '../state/run-words.ts';
import { useProject } from '../state/project.ts';
import { useSettings } from '../state/settings.ts';

export interface Entry {
  readonly id: string;
  readonly group: 'commands' | 'classes' | 'projects' | 'runs' | 'filters' | 'images';
  readonly title: string;
  readonly keys?: string | undefined;
  readonly canRun: boolean;
  run(): void;
}

const mostOfAGroup = 12;
const leastForImages = 2;
const searchPauseMs = 150;

/** What the palette offers for the text that was typed. */
export function usePaletteEntries(text: Ref<string>, isOpen: Ref<boolean>): ShallowRef<readonly Entry[]> {
  const { t } = useI18n();
  const router = useRouter();
  const project = useProject();
  const settings = useSettings();
  const filters = useSavedFilters();
  const what = useRunWords();
  const { title, firstKeys } = useCommandWords();
  const fixed = shallowRef<readonly Entry[]>([]);
  const images = shallowRef<readonly Entry[]>([]);
  const shown = shallowRef<readonly Entry[]>([]);
  let timer: number | undefined;

  const inProject = (name: string, more: object = {}, query: Record<string, string> = {}): void =>
    void router.push({ name, params: { project: project.id, ...more }, query });

  const ofCommands = (): Entry[] =>
    commands.map(({ id }) => ({
      id,
      group: 'commands',
      title: title(id),
      keys: firstKeys(id),
      canRun: canRun(id),
      run: () => void runCommand(id),
    }));
  const ofClasses = (): Entry[] =>
    project.classes.map(({ id, name }) => ({
      id: `class ${id}`,
      group: 'classes',
      title: t('commands.palette.toClass', { name }),
      canRun: true,
      run: () => inProject('images', {}, { filter: JSON.stringify({ classes: [id] }) }),
    }));

  async function ofProjects(): Promise<Entry[]> {
    const { projects } = await ask('projects.list', {});
    if (settings.settings.privateHome) return [];
    return projects
      .filter(({ isThere }) => isThere)
      .map(({ project: id, name }) => ({
        id: `project ${id}`,
        group: 'projects',
        title: name,
        canRun: true,
        run: () => void router.push({ name: 'project', params: { project: id } }),
      }));
  }
  async function ofRuns(): Promise<Entry[]> {
    if (project.id === undefined) return [];
    const { runs } = await ask('runs.list', { project: project.id });
    return runs
      .filter(({ kind }) => kind === 'one-click')
      .map(({ id, about, kind, state }, at, all) => ({
        id: `run ${id}`,
        group: 'runs',
        title: [t('commands.palette.run', { n: all.length - at }), what({ kind, about })].filter(Boolean).join(' · '),
        canRun: true,
        run: () => inProject(state === 'finished' ? 'results' : 'adapt', { run: id }),
      }));
  }
  async function ofFilters(): Promise<Entry[]> {
    if (project.id === undefined) return [];
    return (await filters.load()).map(({ name, query }) => ({
      id: `filter ${name}`,
      group: 'filters',
      title: name,
      canRun: true,
      run: () => inProject('images', {}, query),
    }));
  }

  async function gather(): Promise<void> {
    fixed.value = [...ofCommands(), ...ofClasses()];
    const more = await Promise.all([ofProjects, ofRuns, ofFilters].map((ask) => ask().catch(() => [])));
    fixed.value = [...ofCommands(), ...ofClasses(), ...more.flat()];
  }

  async function search(wanted: string): Promise<void> {
    const { id } = project;
    if (id === undefined || wanted.length < leastForImages) {
      images.value = [];
      return;
    }
    const found = await call('images.search', { project: id, rater: settings.rater, text: wanted, most: 8 }).catch(
      () => undefined,
    );
    if (!found || text.value.trim() !== wanted) return;
    images.value = found.images.map(({ image, file }) => ({
      id: `image ${image}`,
      group: 'images',
      title: file,
      canRun: true,
      run: () => inProject('images', { image }),
    }));
  }

  watch(isOpen, (open) => {
    if (open) void gather();
  });
  watch([text, fixed, images], () => {
    const words = text.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ title: name, id }: Entry): boolean =>
      words.every((word) => name.toLocaleLowerCase().includes(word) || id.includes(word));
    const counts = new Map<string, number>();
    const few = fixed.value.filter(fits).filter(({ group }) => {
      const count = (counts.get(group) ?? 0) + 1;
      counts.set(group, count);
      return group === 'commands' || count <= mostOfAGroup;
    });
    // What can be done now comes first.
    shown.value = [
      ...few.filter(({ group, canRun: can }) => group !== 'commands' || can),
      ...images.value,
      ...few.filter(({ group, canRun: can }) => group === 'commands' && !can),
    ];
  });
  watch(text, (now) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void search(now.trim()), searchPauseMs);
  });
  return shown;
}
