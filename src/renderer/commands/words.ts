import { useI18n } from 'vue-i18n';
import { useProject } from '../state/project.ts';
import { useSettings } from '../state/settings.ts';
import { keysOf } from './keys.ts';
import { commands, type Command, type CommandId } from './table.ts';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Parts of a press: `Shift+F6` → Shift, F6; `[Shift]++` → +. */
function partsOf(press: string): string[] {
  return press.split(/(?<=\w|\])\+/).filter((part) => !part.startsWith('['));
}

const macModifiers: Readonly<Record<string, string>> = { $mod: '⌘', Shift: '⇧', Alt: '⌥', Control: '⌃', Meta: '⌘' };
const arrows: Readonly<Record<string, string>> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' };
const named = new Set(['Space', 'Enter', 'Escape', 'Backspace', 'Delete', 'Home', 'End', 'PageUp', 'PageDown']);

const byId = new Map(commands.map((command) => [command.id, command]));

interface CommandWords {
  /** What a command is called, in the language that is shown. */
  title(id: CommandId): string;
  /** All keys of a command as a person reads them. */
  keys(id: CommandId): readonly string[];
  /** Its first keys, or nothing. */
  firstKeys(id: CommandId): string | undefined;
  /** For `aria-keyshortcuts`; sequences cannot be told there. */
  aria(id: CommandId): string | undefined;
  /** One binding as a person reads it. */
  shown(keys: string): string;
}

/** The words of commands and keys, from the one table. */
export function useCommandWords(): CommandWords {
  const { t } = useI18n();
  const settings = useSettings();
  const project = useProject();

  const bound = (id: CommandId): readonly string[] => {
    const command = byId.get(id);
    return command ? keysOf(command, settings.settings, window.acclimate !== undefined) : [];
  };

  function part(text: string): string {
    if (isMac && macModifiers[text]) return macModifiers[text];
    if (text === '$mod' || text === 'Control') return t('commands.keyNames.Control');
    if (text === 'Shift') return t('commands.keyNames.Shift');
    if (arrows[text]) return arrows[text];
    if (named.has(text)) return t(`commands.keyNames.${text}`);
    return text.replace(/^(?:Digit|Key)/, '').replace(/^[a-z]$/, (letter) => letter.toUpperCase());
  }
  const shown = (keys: string): string =>
    keys
      .split(' ')
      .map((press) =>
        partsOf(press)
          .map(part)
          .join(isMac ? '' : '+'),
      )
      .join(' ');

  const ariaOf = (keys: string): string =>
    partsOf(keys)
      .map((text) => (text === '$mod' ? (isMac ? 'Meta' : 'Control') : text.replace(/^(?:Digit|Key)/, '')))
      .map((text) => (text === '+' ? 'Plus' : text))
      .join('+');

  return {
    shown,
    title(id) {
      const number = /^label\.class\.(\d+)$/.exec(id)?.[1];
      if (number === undefined) return t(`commands.${id}`);
      const info = project.classes[Number(number) - 1];
      return info ? t('commands.label.asNamed', { name: info.name }) : t('commands.label.asNumber', { n: number });
    },
    keys: (id) => bound(id).map(shown),
    firstKeys: (id) => bound(id).map(shown)[0],
    aria(id) {
      const keys = bound(id).filter((binding) => !binding.includes(' '));
      return keys.length > 0 ? keys.map(ariaOf).join(' ') : undefined;
    },
  };
}

/** Commands of a group, in the order of the table. */
export const commandsOf = (group: Command['group']): readonly Command[] =>
  commands.filter((command) => command.group === group);

export const groups = ['label', 'move', 'select', 'look', 'go', 'app'] as const satisfies readonly Command['group'][];
