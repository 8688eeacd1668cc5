import type { Menu } from './menu.ts';

/** What the desktop window adds to the page; a browser has none of it. */
export interface Bridge {
  readonly platform: string;
  /** The system's own dialogs; null when the user leaves them. */
  pickFolder(): Promise<string | null>;
  pickFile(): Promise<string | null>;
  pickSave(name: string): Promise<string | null>;
  /** Shows a folder of a project or an exported file in the system's file manager. */
  showInFolder(path: string): void;
  /** Path of a dropped file or folder. */
  pathOf(file: File): string;
  /** Asks for a port to core; it arrives as a window message with this text as its data. */
  requestPort(): void;
  /** Shows this menu bar from now on. */
  setMenu(menu: Menu): void;
  /** A command of the menu bar was chosen. */
  onCommand(listener: (id: string) => void): void;
}

export const portMessage = 'acclimate:port';
