import type { MenuItemConstructorOptions } from 'electron';
import type { Menu } from '../contract/menu.ts';

/** `$mod+Shift+KeyZ` as a menu shows it; undefined for keys without a modifier, which a menu would take from text. */
function accelerator(keys: string): string | undefined {
  const [first = '', ...more] = keys.split(' ');
  const parts = first.split('+');
  const key = parts.at(-1)?.replace(/^(?:Key|Digit)(?=.$)/, '');
  if (more.length > 0 || key === undefined || !parts.includes('$mod')) return undefined;
  const modifiers = parts.slice(0, -1).map((part) => (part === '$mod' ? 'CommandOrControl' : part));
  return [...modifiers, key.length === 1 ? key.toUpperCase() : key].join('+');
}

/**
 * The menu bar of the page's commands. The page listens to keys itself, so they are shown and not taken; macOS takes
 * whatever a menu shows, so there nothing is shown.
 */
export function menuTemplate(
  menu: Menu,
  platform: NodeJS.Platform,
  onCommand: (id: string) => void,
): MenuItemConstructorOptions[] {
  const ours = menu.map(({ title, items }): MenuItemConstructorOptions => ({
    label: title,
    submenu: items.map(({ id, title: label, keys }): MenuItemConstructorOptions => {
      if (id === null) return { type: 'separator' };
      const shown = keys === null || platform === 'darwin' ? undefined : accelerator(keys);
      return {
        label,
        click: () => onCommand(id),
        ...(shown === undefined ? {} : { accelerator: shown, registerAccelerator: false }),
      };
    }),
  }));
  // Without these roles copy, paste and quit have no keys on macOS.
  return platform === 'darwin' ? [{ role: 'appMenu' }, ...ours, { role: 'editMenu' }, { role: 'windowMenu' }] : ours;
}
