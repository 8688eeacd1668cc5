import type { Tray } from 'electron';
import type { Electron } from './electron.ts';

/** A tray for a window that is closed while a run goes on; undefined where the desktop has none. */
export function openTray(
  { Menu, Tray }: Pick<Electron, 'Menu' | 'Tray'>,
  icon: string,
  act: { show(): void; quit(): void },
): Tray | undefined {
  try {
    const tray = new Tray(icon);
    tray.setToolTip('Acclimate');
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: 'Acclimate', click: act.show },
        { type: 'separator' },
        { role: 'quit', click: act.quit },
      ]),
    );
    tray.on('click', act.show);
    return tray;
  } catch {
    return undefined;
  }
}
