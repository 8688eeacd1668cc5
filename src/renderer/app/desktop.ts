import { onUnmounted, watchEffect } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { runCommand } from '../commands/handlers.ts';
import { keysOf } from '../commands/keys.ts';
import { commandsOf, groups, useCommandWords } from '../commands/words.ts';
import { useImport } from '../state/import.ts';
import { useSettings } from '../state/settings.ts';

/** What only the window has: a menu bar from the one table of commands, and folders dropped on it. */
export function useDesktop(): void {
  const bridge = window.acclimate;
  if (!bridge) return;
  const { t } = useI18n();
  const { title } = useCommandWords();
  const router = useRouter();
  const settings = useSettings();
  const imports = useImport();

  bridge.onCommand((id) => runCommand(id));
  watchEffect(() =>
    bridge.setMenu(
      groups.map((group) => ({
        title: t(`commands.groups.${group}`),
        items: commandsOf(group).map((command) => ({
          id: command.id,
          title: title(command.id),
          keys: keysOf(command, settings.settings, true)[0] ?? null,
        })),
      })),
    ),
  );

  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  const allow = (event: DragEvent): void => {
    if (hasFiles(event)) event.preventDefault();
  };
  const take = (event: DragEvent): void => {
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    imports.folder = bridge.pathOf(file);
    void router.push({ name: 'import' });
  };
  document.addEventListener('dragover', allow);
  document.addEventListener('drop', take);
  onUnmounted(() => {
    document.removeEventListener('dragover', allow);
    document.removeEventListener('drop', take);
  });
}
