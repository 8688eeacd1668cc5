import { useI18n } from 'vue-i18n';
import { useRouter, type RouteLocationRaw } from 'vue-router';
import type { ErrorParams } from '../../contract/errors.ts';
import { onAction } from '../state/actions.ts';
import { shownBytes } from '../state/bytes.ts';
import { call } from '../state/core.ts';
import { announce } from '../state/live.ts';
import { useNotices } from '../state/notices.ts';
import { pickFolder } from '../state/picker.ts';
import { useProject } from '../state/project.ts';
import { saveExport } from '../state/save.ts';
import { useSettings } from '../state/settings.ts';

/** Place that can do it, for what no part of the frame does itself. */
const placeOf: Readonly<Record<string, string>> = {
  'adapt.smaller': 'adapt',
  'adapt.stopAndUse': 'adapt',
  'adapt.safer': 'adapt',
  'adapt.usePlain': 'adapt',
  'adapt.leaveOut': 'adapt',
  'apply.exportNow': 'apply',
  'apply.review': 'apply',
  'apply.unlike': 'apply',
};

/** Where a button of a message leads to, and whether it leads anywhere now. */
export function useMessageActions(): { go(id: string): void; canGo(id: string): boolean } {
  const router = useRouter();
  const project = useProject();
  return {
    canGo: (id) => !(id in placeOf) || project.id !== undefined,
    go(id) {
      const name = placeOf[id];
      if (name !== undefined && project.id !== undefined) {
        void router.push({ name, params: { project: project.id } });
      }
    },
  };
}

/** What the frame itself does at a button of a message. */
export function registerMessageActions(): void {
  const { t, n } = useI18n();
  const router = useRouter();
  const project = useProject();
  const settings = useSettings();
  const notices = useNotices();

  const inProject = (name: string, more: object = {}, query: Record<string, string> = {}): void => {
    const route: RouteLocationRaw = { name, params: { project: project.id, ...more }, query };
    if (project.id !== undefined) void router.push(route);
  };
  const onClass = ({ classId }: ErrorParams): void => inProject('label', { queue: `class:${classId}` });
  const open = async (id: unknown, how: (id: string) => Promise<boolean>): Promise<void> => {
    if (typeof id === 'string' && (await how(id))) inProject('images');
  };

  onAction('notice.dismiss', () => undefined);
  onAction('images.showUnreadable', () => inProject('images', {}, { filter: JSON.stringify({ unreadable: true }) }));
  onAction('images.showChanged', () => inProject('images', {}, { filter: JSON.stringify({ changed: true }) }));
  onAction('images.showNew', () => inProject('images', {}, { sort: 'added' }));
  onAction('images.relink', () => void relink());
  onAction('label.ofClass', onClass);
  onAction('label.otherGroups', onClass);
  onAction('results.classes', () => inProject('results', { run: project.status?.results?.run, tab: 'classes' }));
  onAction('results.summary', () => inProject('results', { run: project.status?.results?.run, tab: 'summary' }));
  onAction('run.details', () => inProject('adapt'));
  onAction('device.details', () => void router.push({ name: 'settings', params: { section: 'device' } }));
  onAction(
    'project.backups',
    ({ project: id }) =>
      void router.push({ name: 'settings', params: { section: 'storage' }, query: { project: String(id) } }),
  );
  onAction('project.look', ({ project: id }) => void open(id, project.look));
  onAction('project.openAgain', ({ project: id }) => void open(id, project.open));
  onAction('run.continue', () => void goOn());
  onAction('run.continueOnProcessor', () => {
    void notices.tell(async () => {
      await settings.change({ device: 'cpu' });
      await goOn();
    });
  });
  onAction('run.discard', () => void withProject((id) => call('runs.cancel', { project: id, keep: false })));
  onAction(
    'storage.clear',
    () =>
      void withProject(async (id) => {
        const { freed } = await call('storage.clear', { project: id, parts: ['cache', 'thumbnails'] });
        announce(t('settings.storage.cleared', { size: shownBytes(freed, n) }));
        await project.refresh();
      }),
  );
  onAction(
    'labels.saveElsewhere',
    () =>
      void withProject((id) =>
        saveExport({ project: id, rater: settings.rater, what: 'labels', format: 'plain' }, 'labels.csv'),
      ),
  );

  async function withProject(work: (id: string) => Promise<unknown>): Promise<void> {
    const { id } = project;
    if (id !== undefined) await notices.tell(() => work(id));
  }
  const goOn = (): Promise<void> => withProject((id) => call('runs.continue', { project: id }));

  async function relink(): Promise<void> {
    const folder = await pickFolder();
    if (folder !== null) await withProject((id) => call('projects.relink', { project: id, folder }));
  }
}
