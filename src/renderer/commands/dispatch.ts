import { matchKeybindingPress, parseKeybinding } from '../ui/keys.ts';
import { runCommand } from './handlers.ts';
import { commands, type Command, type Scope } from './table.ts';

/** The second key of a sequence is waited for so long. */
const SEQUENCE_MS = 1000;

type Press = ReturnType<typeof parseKeybinding>[number];
interface Binding {
  readonly command: Command;
  readonly presses: readonly Press[];
  readonly isSingle: boolean;
}

export interface KeySettings {
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly singleKeys: boolean;
}

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)));

export const keysOf = (command: Command, settings: KeySettings): readonly string[] =>
  settings.keys[command.id] ?? command.keys;

/** Whether a key acts alone, without Ctrl, Alt or Cmd: such keys can be switched off (WCAG 2.1.4). */
const isSingleKey = (keys: string): boolean =>
  keys.split(' ').every((press) => !/\$mod|Control|Alt|Meta/.test(press)) &&
  !/^(?:Arrow|Home|End|Page|Escape|Enter|Space|F\d|Shift\+F\d|Shift\+Arrow)/.test(keys);

/**
 * Finds the command of a key press: of the commands whose scope holds the focus, else of those that act anywhere.
 * The first key of a sequence swallows the next one.
 */
export function listenToKeys(settings: () => KeySettings): () => void {
  let begun: { bindings: Binding[]; at: number } | undefined;

  const bindings = (): Binding[] =>
    commands.flatMap((command) =>
      keysOf(command, settings()).map((keys) => ({
        command,
        presses: parseKeybinding(keys),
        isSingle: isSingleKey(keys),
      })),
    );

  const scopeOf = (target: EventTarget | null): Scope =>
    ((target instanceof Element ? target.closest<HTMLElement>('[data-scope]')?.dataset['scope'] : undefined) ??
      'anywhere') as Scope;

  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.target instanceof Element && event.target.closest('[role=dialog], [role=menu], [role=listbox]')) return;
    const scope = scopeOf(event.target);
    const inText = isText(event.target);
    const acts = ({ command, isSingle }: Binding): boolean =>
      (command.where.includes(scope) || command.where.includes('anywhere')) &&
      (!inText || command.inText === true) &&
      (!isSingle || settings().singleKeys);

    const waiting = begun && performance.now() - begun.at < SEQUENCE_MS ? begun.bindings : undefined;
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    begun = undefined;
    if (waiting) {
      const found = waiting.find(({ presses }) => matchKeybindingPress(event, presses[1]!));
      event.preventDefault();
      if (found) runCommand(found.command.id, event);
      return;
    }
    const matching = bindings().filter((binding) => acts(binding) && matchKeybindingPress(event, binding.presses[0]!));
    const sequences = matching.filter(({ presses }) => presses.length > 1);
    if (sequences.length > 0) {
      begun = { bindings: sequences, at: performance.now() };
      event.preventDefault();
      return;
    }
    const own = matching.find(({ command }) => command.where.includes(scope)) ?? matching[0];
    if (own && runCommand(own.command.id, event)) event.preventDefault();
  };
  document.addEventListener('keydown', listen);
  return () => document.removeEventListener('keydown', listen);
}
