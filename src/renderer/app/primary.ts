import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import type { ProjectStatus } from '../../contract/project.ts';
import { runCommand } from '../commands/handlers.ts';
import { useProject } from '../state/project.ts';
import { place } from './place.ts';

/** The one filled button of every screen: what it says, where it goes, and what it does when it is there. */
interface Primary {
  readonly title: string;
  /** Place it belongs to; elsewhere it goes there. */
  readonly place: string;
  /** Command that acts in its place. */
  readonly command: string;
}

type Say = (key: string, named?: Readonly<Record<string, number>>) => string;

const steps: Readonly<Record<ProjectStatus['state'], (say: Say, status: ProjectStatus) => Primary>> = {
  scanning: (say) => ({ title: say('app.primary.scanning'), place: 'images', command: 'images.open' }),
  interrupted: (say, { run }) => ({
    title:
      run?.pass && run.passes
        ? say('app.primary.interrupted', { pass: run.pass, passes: run.passes })
        : say('app.primary.interruptedEarly'),
    place: 'adapt',
    command: 'adapt.continue',
  }),
  stopped: (say) => ({ title: say('app.primary.stopped'), place: 'adapt', command: 'adapt.safer' }),
  paused: (say) => ({ title: say('app.primary.paused'), place: 'adapt', command: 'adapt.continue' }),
  adapting: (say) => ({
    title: say(place.value === 'adapt' ? 'app.primary.pause' : 'app.primary.adapting'),
    place: 'adapt',
    command: 'adapt.pause',
  }),
  'no-classes': (say) => ({ title: say('app.primary.noClasses'), place: 'label', command: 'label.newClass' }),
  'few-labels': (say, { missing }) =>
    place.value === 'adapt'
      ? { title: say('app.primary.ready'), place: 'adapt', command: 'adapt.start' }
      : {
          title: say('app.primary.fewLabels', { n: missing.reduce((sum, { needed }) => sum + needed, 0) }),
          place: 'label',
          command: 'label.nextUnlabelled',
        },
  ready: (say) => ({ title: say('app.primary.ready'), place: 'adapt', command: 'adapt.start' }),
  results: (say, { images }) =>
    place.value === 'results'
      ? { title: say('app.primary.apply', { n: images }), place: 'results', command: 'results.apply' }
      : { title: say('app.primary.results'), place: 'results', command: 'results.apply' },
  'new-images': (say, { results, newImages }) => ({
    title: say('app.primary.newImages', { number: results?.number ?? 1, n: newImages }),
    place: 'apply',
    command: 'apply.new',
  }),
  applied: (say, { applied }) => ({
    title: say('app.primary.applied', { n: applied?.toReview ?? 0 }),
    place: 'apply',
    command: 'apply.review',
  }),
  reviewed: (say) => ({ title: say('app.primary.reviewed'), place: 'apply', command: 'apply.export' }),
};

export function usePrimary(): { title: ComputedRef<string>; press(): Promise<void> } {
  const { t, n: shown } = useI18n();
  const router = useRouter();
  const project = useProject();
  const say: Say = (key, named = {}) =>
    t(key, Object.fromEntries(Object.entries(named).map(([name, value]) => [name, shown(value, 'integer')])));

  const step = computed<Primary>(() => {
    const { status } = project;
    if (place.value === 'import')
      return { title: t('app.primary.startLooking'), place: 'import', command: 'import.start' };
    if (!status || place.value === 'home' || place.value === 'settings') {
      return { title: t('app.primary.none'), place: 'home', command: 'home.openFolder' };
    }
    // Labels changed since: the results are brought up to date before anything else is done with them.
    if (status.stale && place.value === 'results') {
      const n = status.changedLabels;
      const title = n > 0 ? t('app.primary.stale', { n: shown(n, 'integer') }, n) : t('app.primary.staleClasses');
      return { title, place: 'results', command: 'results.update' };
    }
    return steps[status.state](say, status);
  });

  async function press(): Promise<void> {
    const { place: target, command } = step.value;
    if (place.value === target) {
      runCommand(command);
      return;
    }
    const { id } = project;
    await router.push(
      id === undefined || target === 'home' ? { name: 'home' } : { name: target, params: { project: id } },
    );
  }

  return { title: computed(() => step.value.title), press };
}
