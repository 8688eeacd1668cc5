import type { AuditEntry, AuditProblem } from '../../../contract/audit.ts';
import type { Sentence } from '../../../findings/sentences.ts';

const runEvents = ['created', 'taken', 'finished', 'cancelled', 'stopped', 'failed', 'interrupted', 'removed'];
const labelActs = ['set', 'import', 'undo', 'redo'];
/** Kinds with one sentence each. */
const plain = ['import', 'split', 'relink', 'restore', 'weights', 'check', 'seen'];

/** What an entry of the audit trail says, and what must be known beside it. */
export function entryWords({ kind, detail }: AuditEntry): { says: Sentence; notes: readonly string[] } {
  const named = Object.fromEntries(
    Object.entries(detail).map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value]),
  );
  const says = (key: string): Sentence => ({ key: `settings.audit.says.${key}`, named: { ...named, kind } });
  const notes = [
    ...(detail['afterResults'] === undefined ? [] : ['afterResults']),
    ...(detail['guessShown'] === true ? ['guessShown'] : []),
    ...(detail['against'] === true ? ['against'] : []),
    ...(detail['withImages'] === true ? ['withImages'] : []),
    ...(detail['anonymous'] === true ? ['anonymous'] : []),
  ].map((note) => `settings.audit.note.${note}`);
  return { says: says(keyOf(kind, detail)), notes };
}

function keyOf(kind: string, detail: AuditEntry['detail']): string {
  const event = String(detail['event']);
  const act = String(detail['kind']);
  if (kind === 'run' && runEvents.includes(event)) return `run.${event}`;
  if (kind === 'labels' && labelActs.includes(act)) return `labels.${act}`;
  if (kind === 'choose' || kind === 'apply') return `${kind}.${detail['arm'] === 'adapted' ? 'adapted' : 'plain'}`;
  if (kind === 'export') return 'export';
  return plain.includes(kind) ? kind : 'other';
}

/** What is wrong with the trail, its moments as `moment` writes them. */
export function problemWords(
  { code, named }: Omit<AuditProblem, 'sentence'>,
  moment: (iso: string) => string,
): Sentence {
  const { time } = named;
  const isMoment = typeof time === 'string' && !Number.isNaN(Date.parse(time));
  return { key: `settings.audit.problem.${code}`, named: isMoment ? { ...named, time: moment(time) } : named };
}
