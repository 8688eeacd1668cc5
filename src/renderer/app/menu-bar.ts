import { watchEffect } from 'vue';
import { useI18n } from 'vue-i18n';
import { keysOf } from '../commands/keys.ts';
import type { Command } from '../commands/table.ts';
import { commandsOf, groups, useCommandWords } from '../commands/words.ts';
import { useProject } from '../state/project.ts';
import { useSettings } from '../state/settings.ts';

/** Keeps the menu bar of the desktop window in step with language, keys and classes; a browser has none. */
export function watchMenuBar(): void {
  const bridge = window.acclimate;
  if (bridge === undefined) return;
  const { t } = useI18n();
  const { title } = useCommandWords();
  const project = useProject();
  const settings = useSettings();

  const isThere = ({ id }: Command): boolean => {
    const number = /^label\.class\.(\d+)$/.exec(id)?.[1];
    return number === undefined || Number(number) <= project.classes.length;
  };
  watchEffect(() =>
    bridge.setMenu(
      groups.map((group) => ({
        title: t(`commands.groups.${group}`),
        items: commandsOf(group)
          .filter(isThere)
          .map((command) => ({
            id: command.id,
            title: title(command.id),
            keys: keysOf(command, settings.settings, true)[0] ?? null,
          })),
      })),
    ),
  );
}
