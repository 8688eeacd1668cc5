import { watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ProjectStatus } from '../../contract/project.ts';
import { shownBytes } from '../state/bytes.ts';
import { connection, onEvent } from '../state/core.ts';
import { announce } from '../state/live.ts';
import { useNotices, type Notice } from '../state/notices.ts';
import { useProject } from '../state/project.ts';

type Said = Partial<Notice> & Pick<Notice, 'code'>;

/** Codes this file shows for a run; one at a time. */
const ofRun = ['run.resume', 'disk.full', 'gpu.lost', 'train.collapsed', 'run.failed'] as const;

/** What to say of a run that does not go on. */
function saidOfRun(
  run: NonNullable<ProjectStatus['run']>,
  age: (since: string) => string,
  size: (bytes: number) => string,
): Said | undefined {
  const { pass, passes, savedAt, errorCode, error, disk } = run;
  if (run.state === 'interrupted' && errorCode !== 'gpu.lost') {
    return pass === null || passes === null || savedAt === null
      ? { code: 'run.resume', sentence: 'run.resumeUnmeasured' }
      : { code: 'run.resume', params: { pass, passes, savedAt } };
  }
  if (!['interrupted', 'paused', 'stopped', 'failed'].includes(run.state) || errorCode === null) return undefined;
  if (errorCode === 'disk.full') {
    // It takes a moment to see how much there is.
    return disk === null
      ? undefined
      : { code: errorCode, params: { needed: size(disk.needed), size: size(disk.clearable) } };
  }
  if (errorCode === 'gpu.lost') {
    return savedAt === null
      ? { code: errorCode, sentence: 'gpu.lostUnmeasured' }
      : { code: errorCode, params: { age: age(savedAt) } };
  }
  if (errorCode === 'train.collapsed') return { code: errorCode };
  return { code: 'run.failed', message: error ?? errorCode };
}

/** Shows what the state of the processes and of the project asks for, and takes it away when it is over. */
export function watchNotices(): void {
  const { t, n } = useI18n();
  const notices = useNotices();
  const project = useProject();

  const age = (since: string): string => {
    const seconds = Math.max(1, Math.round((Date.now() - Date.parse(since)) / 1000));
    return seconds < 120 ? n(seconds, 'seconds') : n(Math.round(seconds / 60), 'minutes');
  };
  const showWhile = (holds: boolean, said: Said): void => {
    if (holds) notices.show(said);
    else notices.dismiss(said.code);
  };

  watch(connection, (now, before) => {
    showWhile(now === 'lost', { code: 'connection.lost' });
    showWhile(now === 'forbidden', { code: 'connection.forbidden' });
    if (now === 'connected' && before === 'lost') announce(t('messages.connection.back'));
  });

  onEvent('process.notice', ({ process, what }) => {
    const died = `process.${process}Died`;
    const givenUp = `process.${process}GivenUp`;
    if (what === 'died') notices.show({ code: died });
    else notices.dismiss(died);
    if (what === 'given-up') notices.show({ code: givenUp });
    if (what === 'restarted') announce(t(`messages.process.${process}Back`));
  });

  watch(
    () => [project.id, project.status?.folderGone, project.status?.imagesFolder] as const,
    ([id, gone, path]) =>
      showWhile(
        id !== undefined && gone === true,
        path ? { code: 'folder.gone', params: { path } } : { code: 'folder.gone', sentence: 'folder.goneSomewhere' },
      ),
  );
  watch(
    () => project.status?.unsaved ?? 0,
    (count) => showWhile(count > 0, { code: 'disk.labelFail', params: { n: count } }),
  );
  watch(
    () => [project.id, project.status?.scanning === null, project.status?.unreadable ?? 0] as const,
    ([id, scanned, count]) => {
      const others = project.status?.images ?? 0;
      showWhile(id !== undefined && scanned && count > 0, { code: 'file.unreadable', params: { n: count, others } });
    },
  );
  watch(
    () => [project.id, project.status?.changedImages ?? 0] as const,
    ([id, count]) => showWhile(id !== undefined && count > 0, { code: 'file.changed', params: { n: count } }),
  );
  watch(
    () => {
      const run = project.status?.run;
      return run ? `${run.id} ${run.state} ${run.errorCode} ${JSON.stringify(run.disk)}` : '';
    },
    () => {
      const run = project.status?.run;
      const said = run ? saidOfRun(run, age, (bytes) => shownBytes(bytes, n)) : undefined;
      for (const code of ofRun) if (code !== said?.code) notices.dismiss(code);
      if (said) notices.show(said);
    },
  );
  watch(
    () => (project.status?.run?.notices ?? []).map(({ code, params }) => JSON.stringify({ code, params })).join('\n'),
    () => {
      for (const { code, params } of project.status?.run?.notices ?? []) notices.show({ code, params });
    },
  );
}
