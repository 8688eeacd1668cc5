import type { ErrorParams } from '../../contract/errors.ts';

type Tone = 'bad' | 'warn' | 'info';

interface Message {
  readonly tone: Tone;
  /** Ids of what can be done about it, in order; their words are `messages.actions.<id>`. */
  readonly actions: readonly string[];
}

/**
 * What the user must know, by code (UX §6), and what can be done about it. The sentence is `messages.<code>` of the
 * catalogue.
 */
const messages: Readonly<Record<string, Message>> = {
  'file.unreadable': { tone: 'warn', actions: ['images.showUnreadable'] },
  'folder.gone': { tone: 'warn', actions: ['images.relink', 'notice.dismiss'] },
  'file.changed': { tone: 'warn', actions: ['images.showChanged'] },
  'disk.full': { tone: 'bad', actions: ['storage.clear', 'run.continue'] },
  'disk.labelFail': { tone: 'bad', actions: ['labels.saveElsewhere'] },
  'gpu.lost': { tone: 'bad', actions: ['run.continue', 'run.continueOnProcessor'] },
  'gpu.wrong': { tone: 'warn', actions: ['device.details'] },
  'memory.out': { tone: 'info', actions: ['run.details'] },
  'memory.start': { tone: 'bad', actions: ['adapt.smaller'] },
  'train.stalled': { tone: 'info', actions: ['adapt.stopAndUse', 'notice.dismiss'] },
  'train.collapsed': { tone: 'bad', actions: ['adapt.safer', 'adapt.usePlain'] },
  'train.nan': { tone: 'info', actions: ['run.details'] },
  'labels.few': { tone: 'warn', actions: ['label.ofClass', 'adapt.leaveOut'] },
  'groups.one': { tone: 'warn', actions: ['label.otherGroups', 'notice.dismiss'] },
  'classes.imbalance': { tone: 'warn', actions: ['results.classes'] },
  'result.noGain': { tone: 'info', actions: ['results.summary'] },
  'run.resume': { tone: 'warn', actions: ['run.continue', 'run.discard'] },
  'db.future': { tone: 'bad', actions: ['project.backups'] },
  'project.locked': { tone: 'warn', actions: ['project.look', 'project.openAgain'] },
  'audit.broken': { tone: 'bad', actions: ['audit.save'] },
  'export.unreviewed': { tone: 'warn', actions: ['apply.exportNow', 'apply.review'] },
  'project.network': { tone: 'warn', actions: ['import.localFolder'] },
  'process.coreDied': { tone: 'warn', actions: [] },
  'process.coreGivenUp': { tone: 'bad', actions: [] },
  'process.engineDied': { tone: 'warn', actions: [] },
  'process.engineGivenUp': { tone: 'bad', actions: [] },
  'connection.lost': { tone: 'bad', actions: [] },
  'connection.forbidden': { tone: 'bad', actions: [] },
  'library.changes': { tone: 'info', actions: ['images.showNew'] },
};

export const messageOf = (code: string): Message => messages[code] ?? { tone: 'bad', actions: [] };

export const messageCodes: readonly string[] = Object.keys(messages);

interface Formats {
  n(value: number, format: string): string;
  d(value: Date, format: string): string;
}

const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Parameters of a message as they are shown: numbers grouped, moments as a time of day, or with the day where not today. */
export function shownParams(params: ErrorParams, { n, d }: Formats): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (typeof value === 'number') return [name, n(value, 'one')];
      if (!isMoment.test(value)) return [name, value];
      const moment = new Date(value);
      return [name, d(moment, moment.toDateString() === new Date().toDateString() ? 'minute' : 'moment')];
    }),
  );
}

/** What a plural of the message counts: its parameter `n`. */
export const counted = (params: ErrorParams): number => (typeof params['n'] === 'number' ? params['n'] : 1);
