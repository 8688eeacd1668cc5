import { ownKeys } from './keys.ts';
import { commands, type Command } from './table.ts';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const modifiers = ['Shift', 'Control', 'Alt', 'Meta'];

/** A press in the notation of the table; nothing while only modifiers are held. Digits by place, the rest as printed. */
export function pressText(event: Pick<KeyboardEvent, 'key' | 'code' | 'getModifierState'>): string | undefined {
  if ([...modifiers, 'AltGraph', 'Dead', 'Process'].includes(event.key)) return undefined;
  const isDigit = /^Digit\d$/.test(event.code);
  const isPrinted = [...event.key].length === 1 && event.key !== ' ';
  const isLetter = isPrinted && event.key.toLowerCase() !== event.key.toUpperCase();
  const held = modifiers
    .filter((modifier) => event.getModifierState(modifier))
    // A sign that needs Shift on one keyboard may not need it on another.
    .map((modifier) => (modifier === 'Shift' && isPrinted && !isLetter && !isDigit ? '[Shift]' : modifier))
    .map((modifier) => (modifier === (isMac ? 'Meta' : 'Control') ? '$mod' : modifier));
  const key = isDigit ? event.code : event.key === ' ' ? 'Space' : isLetter ? event.key.toLowerCase() : event.key;
  return [...held, key].join('+');
}

/** Of two bindings, whether one press can mean both. A sequence takes its first key for itself. */
const meet = (one: string, other: string): boolean => {
  const plain = (keys: string): string => keys.replace('[Shift]+', '');
  return one === other || plain(one) === plain(other.split(' ')[0]!) || plain(one.split(' ')[0]!) === plain(other);
};

/** Other commands that a press would mean as well, somewhere where both can act. */
export function conflictsOf(
  command: Command,
  press: string,
  keys: Readonly<Record<string, readonly string[]>>,
): readonly Command[] {
  const shares = (other: Command): boolean =>
    command.where.includes('anywhere') ||
    other.where.includes('anywhere') ||
    other.where.some((scope) => command.where.includes(scope));
  return commands.filter(
    (other) => other.id !== command.id && shares(other) && ownKeys(other, { keys }).some((own) => meet(own, press)),
  );
}
