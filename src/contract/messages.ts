export type MessageTone = 'bad' | 'warn' | 'info';

export interface Message {
  /** Its number in the list of messages the design fixes. */
  readonly n: number;
  readonly tone: MessageTone;
  /** Ids of what can be done about it, in order. */
  readonly actions: readonly string[];
}

/**
 * What a user must know, by code; the sentences are in the page's catalogue. The code comes from where the cause is: an
 * error's code, a field of the project's status or of its run, advice before a run, or the verdict of results.
 */
export const messages = {
  'file.unreadable': { n: 1, tone: 'warn', actions: ['images.showUnreadable'] },
  'folder.gone': { n: 2, tone: 'warn', actions: ['images.relink', 'notice.dismiss'] },
  'file.changed': { n: 3, tone: 'warn', actions: ['images.showChanged'] },
  'disk.full': { n: 4, tone: 'bad', actions: ['storage.clear', 'run.continue'] },
  'disk.labelFail': { n: 5, tone: 'bad', actions: ['labels.saveElsewhere'] },
  'gpu.lost': { n: 6, tone: 'bad', actions: ['run.continue', 'run.continueOnProcessor'] },
  'gpu.wrong': { n: 7, tone: 'warn', actions: ['device.details'] },
  'memory.out': { n: 8, tone: 'info', actions: ['run.details'] },
  'memory.start': { n: 9, tone: 'bad', actions: ['adapt.smaller'] },
  'train.stalled': { n: 10, tone: 'info', actions: ['adapt.stopAndUse', 'notice.dismiss'] },
  'train.collapsed': { n: 11, tone: 'bad', actions: ['adapt.safer', 'adapt.usePlain'] },
  'train.nan': { n: 12, tone: 'info', actions: ['run.details'] },
  'labels.few': { n: 13, tone: 'warn', actions: ['label.ofClass', 'adapt.leaveOut'] },
  'groups.one': { n: 14, tone: 'warn', actions: ['label.otherGroups', 'notice.dismiss'] },
  'classes.imbalance': { n: 15, tone: 'warn', actions: ['results.classes'] },
  'result.noGain': { n: 16, tone: 'info', actions: ['results.summary'] },
  'run.resume': { n: 17, tone: 'warn', actions: ['run.continue', 'run.discard'] },
  'db.future': { n: 18, tone: 'bad', actions: ['project.backups'] },
  'project.locked': { n: 19, tone: 'warn', actions: ['project.look', 'project.openAgain'] },
  'audit.broken': { n: 20, tone: 'bad', actions: ['audit.save'] },
  'predict.unlike': { n: 21, tone: 'warn', actions: ['apply.unlike'] },
  'export.unreviewed': { n: 22, tone: 'warn', actions: ['apply.exportNow', 'apply.review'] },
  'project.network': { n: 23, tone: 'warn', actions: ['import.localFolder'] },
} as const satisfies Readonly<Record<string, Message>>;
export type MessageCode = keyof typeof messages;
