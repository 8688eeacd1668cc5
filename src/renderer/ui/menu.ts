import type { IconName } from './icons.ts';

/** An entry of a menu. What cannot be done now is shown dimmed. */
export interface MenuEntry {
  readonly id: string;
  readonly title: string;
  readonly icon?: IconName;
  /** Keys as they are shown. */
  readonly keys?: string | undefined;
  readonly disabled?: boolean;
  readonly danger?: boolean;
  /** It puts the focus somewhere itself; else the button of the menu gets it back. */
  readonly movesFocus?: boolean;
  readonly run?: () => void;
  /** Entries one level deeper. */
  readonly entries?: readonly MenuEntry[];
}

/** Parts of a menu; a line is drawn between them. */
export type MenuParts = readonly (readonly MenuEntry[])[];
