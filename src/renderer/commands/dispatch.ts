import { runCommand } from './handlers.ts';
import { endingOf, meaningsOf, type Binding, type KeySettings } from './keys.ts';
import type { Scope } from './table.ts';

/** The second key of a sequence is waited for so long. */
const SEQUENCE_MS = 1000;

/** Where letters may name classes. */
const labellingScopes: ReadonlySet<Scope> = new Set(['grid', 'focus', 'review']);

interface Listening {
  settings(): KeySettings;
  /** Command that labels with the class a letter stands for, where letters name classes. */
  letter(key: string): string | undefined;
}

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)));

const scopeOf = (target: EventTarget | null): Scope =>
  ((target instanceof Element ? target.closest<HTMLElement>('[data-scope]')?.dataset['scope'] : undefined) ??
    'anywhere') as Scope;

const modifiers = ['Control', 'Alt', 'Meta', 'Shift'];

/**
 * Finds the command of a key press: of the commands whose scope holds the focus, else of those that act anywhere.
 * The first key of a sequence swallows the next one.
 */
export function listenToKeys({ settings, letter }: Listening): () => void {
  let begun: { bindings: readonly Binding[]; at: number } | undefined;

  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || [...modifiers, 'AltGraph'].includes(event.key)) return;
    if (event.target instanceof Element && event.target.closest('[role=dialog], [role=menu], [role=listbox]')) return;
    const waiting = begun && performance.now() - begun.at < SEQUENCE_MS ? begun.bindings : undefined;
    begun = undefined;
    if (waiting) {
      const command = endingOf(event, waiting);
      event.preventDefault();
      if (command) runCommand(command.id, event);
      return;
    }
    const scope = scopeOf(event.target);
    const inText = isText(event.target);
    const now = settings();
    if (
      now.lettersNameClasses &&
      labellingScopes.has(scope) &&
      !inText &&
      !modifiers.some((m) => event.getModifierState(m))
    ) {
      const named = letter(event.key);
      if (named !== undefined && runCommand(named, event)) {
        event.preventDefault();
        return;
      }
    }
    const isDesktop = window.acclimate !== undefined;
    const meanings = meaningsOf(event, { scope, inText, settings: now, isDesktop });
    const sequences = meanings.filter(({ presses }) => presses.length > 1);
    if (sequences.length > 0) {
      begun = { bindings: sequences, at: performance.now() };
      event.preventDefault();
      return;
    }
    if (meanings.some(({ command }) => runCommand(command.id, event))) event.preventDefault();
  };
  document.addEventListener('keydown', listen);
  return () => document.removeEventListener('keydown', listen);
}
