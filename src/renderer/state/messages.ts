import type { ErrorParams } from '../../contract/errors.ts';
import { messages, type Message } from '../../contract/messages.ts';

type Shown = Pick<Message, 'tone' | 'actions'>;

/**
 * What the user must know, by code (UX §6), with what only the page itself knows of: its processes and its connection.
 * The sentence is `messages.<code>` of the catalogue; the words of an action `messages.actions.<id>`.
 */
const shown: Readonly<Record<string, Shown>> = {
  ...messages,
  'process.coreDied': { tone: 'warn', actions: [] },
  'process.coreGivenUp': { tone: 'bad', actions: [] },
  'process.engineDied': { tone: 'warn', actions: [] },
  'process.engineGivenUp': { tone: 'bad', actions: [] },
  'connection.lost': { tone: 'bad', actions: [] },
  'connection.forbidden': { tone: 'bad', actions: [] },
  'library.changes': { tone: 'info', actions: ['images.showNew'] },
};

export const messageOf = (code: string): Shown => shown[code] ?? { tone: 'bad', actions: [] };

export const messageCodes: readonly string[] = Object.keys(shown);

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

/** What a plural of the message counts. */
export function counted(params: ErrorParams): number {
  const count = params['n'] ?? params['labels'] ?? params['images'];
  return typeof count === 'number' ? count : 1;
}
