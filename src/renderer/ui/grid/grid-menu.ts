import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { canRun, runCommand } from '../../commands/handlers.ts';
import { commands, type Scope } from '../../commands/table.ts';
import { useCommandWords } from '../../commands/words.ts';
import { useProject } from '../../state/project.ts';
import type { MenuEntry, MenuParts } from '../menu.ts';

const parts = [
  ['label.none', 'label.unsure', 'label.skip', 'label.remove', 'label.note'],
  ['select.toggle', 'select.all', 'select.back'],
  ['look.open', 'look.similar', 'look.compare', 'look.inspector', 'look.crop'],
] as const;
/** These put the focus somewhere themselves. */
const moving: ReadonlySet<string> = new Set(['label.note', 'look.open', 'look.similar', 'look.compare']);

/** The menu of the secondary button: the commands of the grid, with their keys. */
export function useGridMenu(scope: Scope): ComputedRef<MenuParts> {
  const { t } = useI18n();
  const words = useCommandWords();
  const project = useProject();
  const here = new Set(commands.filter(({ where }) => where.includes(scope)).map(({ id }) => id));
  const entry = (id: string): MenuEntry => ({
    id,
    title: words.title(id),
    keys: words.firstKeys(id),
    disabled: !canRun(id),
    movesFocus: moving.has(id),
    run: () => void runCommand(id),
  });
  return computed(() => {
    const classes = project.classes.slice(0, 18).map((_, at) => entry(`label.class.${at + 1}`));
    const [labels, ...others] = parts.map((ids) => ids.filter((id) => here.has(id)).map(entry));
    const asClass: MenuEntry[] =
      classes.length > 0 ? [{ id: 'label', title: t('grid.menu.as'), entries: classes }] : [];
    return [[...asClass, ...(labels ?? [])], ...others];
  });
}
