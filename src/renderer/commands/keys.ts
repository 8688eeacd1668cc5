import { matchKeybindingPress, parseKeybinding } from '../ui/keys.ts';
import { commands, type Command, type Scope } from './table.ts';

export interface KeySettings {
  /** Command id → keys that replace its own. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly singleKeys: boolean;
  /** Letters give classes where images are labelled; what they did is on Alt with the letter. */
  readonly lettersNameClasses: boolean;
}

/** What of a key event says which key it is. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'getModifierState'>;

type Press = ReturnType<typeof parseKeybinding>[number];
interface Binding {
  readonly command: Command;
  readonly presses: readonly Press[];
  readonly isSingle: boolean;
}

export interface Situation {
  readonly scope: Scope;
  /** The focus is in a text field. */
  readonly inText: boolean;
  readonly settings: KeySettings;
  /** In the window, where no browser takes keys for itself. */
  readonly isDesktop: boolean;
}

/** Whether a key acts alone, without Ctrl, Alt or Cmd: such keys can be switched off (WCAG 2.1.4). */
export const isSingleKey = (keys: string): boolean =>
  keys.split(' ').every((press) => !/\$mod|Control|Alt|Meta/.test(press)) &&
  !/^(?:Arrow|Home|End|Page|Escape|Enter|Space|F\d|Shift\+F\d|Shift\+Arrow)/.test(keys);

const isLetterFirst = (keys: string): boolean => /^[a-z](?: |$)/.test(keys);

/** Keys of a command as they are set, without those only the window has. */
export const ownKeys = (command: Command, { keys }: Pick<KeySettings, 'keys'>): readonly string[] =>
  keys[command.id] ?? command.keys;

export function keysOf(command: Command, settings: KeySettings, isDesktop: boolean): readonly string[] {
  const own = ownKeys(command, settings);
  const moved = settings.lettersNameClasses
    ? own.map((keys) => (isLetterFirst(keys) ? keys.replace(/^[a-z]/, (letter) => `Alt+${letter}`) : keys))
    : own;
  return isDesktop ? [...moved, ...(command.desktopKeys ?? [])] : moved;
}

function bindingsIn({ scope, inText, settings, isDesktop }: Situation): Binding[] {
  return commands
    .filter(({ where, inText: alsoInText }) => {
      return (where.includes(scope) || where.includes('anywhere')) && (!inText || alsoInText === true);
    })
    .flatMap((command) =>
      keysOf(command, settings, isDesktop).map((keys) => ({
        command,
        presses: parseKeybinding(keys),
        isSingle: isSingleKey(keys),
      })),
    )
    .filter(({ isSingle }) => !isSingle || settings.singleKeys);
}

/** A digit of the number block is the same as one of the row, when it yields a digit. */
const asRow = (event: KeyPress): KeyPress =>
  /^Numpad\d$/.test(event.code) && /^\d$/.test(event.key)
    ? {
        key: event.key,
        code: `Digit${event.key}`,
        getModifierState: (modifier) => event.getModifierState(modifier),
      }
    : event;

/**
 * The commands a press may mean, those of the scope before those that act anywhere. Where the physical key is a digit
 * that means something, what is printed on it means nothing: on a French keyboard 6 is also "-".
 */
export function meaningsOf(event: KeyPress, situation: Situation): Binding[] {
  const press = asRow(event);
  const matching = bindingsIn(situation).filter(
    ({ presses: [first] }) => first && matchKeybindingPress(press as KeyboardEvent, first),
  );
  const digits = matching.filter(
    ({ presses: [first] }) => typeof first?.[2] === 'string' && /^Digit\d$/.test(first[2]),
  );
  const found = digits.length > 0 ? digits : matching;
  const { scope } = situation;
  const isOwn = ({ command }: Binding): boolean => command.where.includes(scope) && scope !== 'anywhere';
  return [...found.filter(isOwn), ...found.filter((binding) => !isOwn(binding))];
}

/** Of begun sequences, the one this press ends. */
export const endingOf = (event: KeyPress, begun: readonly Binding[]): Command | undefined =>
  begun.find(({ presses: [, second] }) => second && matchKeybindingPress(event as KeyboardEvent, second))?.command;

export type { Binding };
