/**
 * Where a command acts. `anywhere`: on every screen, whatever has the focus, but in a text field. The others: while
 * the focus is in a part marked `data-scope` with that name.
 */
export const scopes = ['anywhere', 'home', 'grid', 'focus', 'viewer', 'matrix', 'review', 'map'] as const;
export type Scope = (typeof scopes)[number];

export interface Command {
  readonly id: string;
  /** In the notation of tinykeys; `$mod` is Ctrl, Cmd on macOS; `[Shift]` may be held where the key needs it. Two parts with a space are pressed one after another. */
  readonly keys: readonly string[];
  readonly where: readonly Scope[];
  /** Further keys that only the window has: browsers take them for themselves. */
  readonly desktopKeys?: readonly string[];
  /** Also in text fields, such as Mod+K. */
  readonly inText?: true;
  /** Group in the list of all keys. */
  readonly group: 'label' | 'move' | 'select' | 'look' | 'go' | 'app';
}

const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const labelling = ['grid', 'focus', 'viewer', 'matrix', 'review'] as const;
const looking = ['grid', 'focus', 'viewer', 'matrix', 'review', 'map'] as const;
const tiles = ['grid', 'review', 'matrix'] as const;

/**
 * Every command of the app (UX §4): the menu bar, the palette, the list of keys and `aria-keyshortcuts` come from here.
 * The words of a command are `commands.<id>` of the catalogue. What it does is registered by the part that can do it.
 */
export const commands: readonly Command[] = [
  ...digits.map((digit): Command => ({
    id: `label.class.${digit}`,
    keys: [`Digit${digit}`],
    where: labelling,
    group: 'label',
  })),
  ...digits.map((digit): Command => ({
    id: `label.class.${digit + 9}`,
    keys: [`Shift+Digit${digit}`],
    where: labelling,
    group: 'label',
  })),
  { id: 'label.none', keys: ['Digit0'], where: labelling, group: 'label' },
  { id: 'label.byName', keys: ['t'], where: labelling, group: 'label' },
  { id: 'label.unsure', keys: ['u'], where: labelling, group: 'label' },
  { id: 'label.skip', keys: ['s'], where: labelling, group: 'label' },
  { id: 'label.note', keys: ['n'], where: labelling, group: 'label' },
  { id: 'label.remove', keys: ['Backspace', 'Delete'], where: labelling, group: 'label' },
  { id: 'label.confirmSeen', keys: ['y'], where: ['review'], group: 'label' },
  { id: 'label.nextBatch', keys: ['[Shift]+.'], where: ['grid', 'focus', 'review'], group: 'label' },
  { id: 'label.autoAdvance', keys: ['a'], where: ['focus'], group: 'label' },
  { id: 'edit.undo', keys: ['$mod+z'], where: ['anywhere'], group: 'label' },
  { id: 'edit.redo', keys: ['$mod+Shift+z', '$mod+y'], where: ['anywhere'], group: 'label' },

  { id: 'move.left', keys: ['ArrowLeft'], where: looking, group: 'move' },
  { id: 'move.right', keys: ['ArrowRight'], where: looking, group: 'move' },
  { id: 'move.up', keys: ['ArrowUp'], where: looking, group: 'move' },
  { id: 'move.down', keys: ['ArrowDown'], where: looking, group: 'move' },
  { id: 'move.rowStart', keys: ['Home'], where: looking, group: 'move' },
  { id: 'move.rowEnd', keys: ['End'], where: looking, group: 'move' },
  { id: 'move.first', keys: ['$mod+Home'], where: looking, group: 'move' },
  { id: 'move.last', keys: ['$mod+End'], where: looking, group: 'move' },
  { id: 'move.pageUp', keys: ['PageUp'], where: looking, group: 'move' },
  { id: 'move.pageDown', keys: ['PageDown'], where: looking, group: 'move' },
  { id: 'move.nextPart', keys: ['j'], where: ['grid', 'review', 'matrix'], group: 'move' },
  { id: 'move.previousPart', keys: ['k'], where: ['grid', 'review', 'matrix'], group: 'move' },
  { id: 'move.random', keys: ['r'], where: ['grid', 'focus', 'viewer'], group: 'move' },

  { id: 'select.toggle', keys: ['Space'], where: tiles, group: 'select' },
  { id: 'select.extendLeft', keys: ['Shift+ArrowLeft'], where: tiles, group: 'select' },
  { id: 'select.extendRight', keys: ['Shift+ArrowRight'], where: tiles, group: 'select' },
  { id: 'select.extendUp', keys: ['Shift+ArrowUp'], where: tiles, group: 'select' },
  { id: 'select.extendDown', keys: ['Shift+ArrowDown'], where: tiles, group: 'select' },
  { id: 'select.all', keys: ['$mod+a'], where: tiles, group: 'select' },
  { id: 'select.tool', keys: ['v'], where: ['grid'], group: 'select' },
  { id: 'select.paint', keys: ['p'], where: ['grid'], group: 'select' },
  { id: 'select.lasso', keys: ['l'], where: ['grid', 'map'], group: 'select' },
  { id: 'select.box', keys: ['x'], where: ['grid'], group: 'select' },
  { id: 'select.back', keys: ['Escape'], where: looking, group: 'select' },

  { id: 'look.open', keys: ['Enter'], where: tiles, group: 'look' },
  { id: 'look.larger', keys: ['[Shift]++'], where: looking, group: 'look' },
  { id: 'look.smaller', keys: ['-'], where: looking, group: 'look' },
  { id: 'look.actualSize', keys: ['z'], where: ['focus', 'viewer'], group: 'look' },
  { id: 'look.crop', keys: ['c'], where: ['grid', 'review', 'matrix'], group: 'look' },
  { id: 'look.backdrop', keys: ['b'], where: looking, group: 'look' },
  { id: 'look.inspector', keys: ['i'], where: looking, group: 'look' },
  { id: 'look.compare', keys: ['m'], where: ['grid'], group: 'look' },
  { id: 'look.similar', keys: ['f'], where: ['grid', 'focus', 'viewer'], group: 'look' },
  { id: 'look.why', keys: ['w'], where: ['focus'], group: 'look' },
  { id: 'look.whyClass', keys: ['w'], where: ['viewer'], group: 'look' },
  { id: 'look.filter', keys: ['$mod+f', 'F3', '/'], where: ['grid'], group: 'look' },

  { id: 'go.images', keys: ['h i'], desktopKeys: ['$mod+Digit1'], where: ['anywhere'], group: 'go' },
  { id: 'go.label', keys: ['h l'], desktopKeys: ['$mod+Digit2'], where: ['anywhere'], group: 'go' },
  { id: 'go.adapt', keys: ['h a'], desktopKeys: ['$mod+Digit3'], where: ['anywhere'], group: 'go' },
  { id: 'go.results', keys: ['h r'], desktopKeys: ['$mod+Digit4'], where: ['anywhere'], group: 'go' },
  { id: 'go.apply', keys: ['h p'], desktopKeys: ['$mod+Digit5'], where: ['anywhere'], group: 'go' },
  { id: 'go.home', keys: ['h h'], where: ['anywhere'], group: 'go' },
  { id: 'go.settings', keys: ['$mod+,'], where: ['anywhere'], inText: true, group: 'go' },
  { id: 'go.diagnostics', keys: ['$mod+Shift+d'], where: ['anywhere'], inText: true, group: 'go' },
  { id: 'go.nextRegion', keys: ['F6'], where: ['anywhere'], inText: true, group: 'go' },
  { id: 'go.previousRegion', keys: ['Shift+F6'], where: ['anywhere'], inText: true, group: 'go' },

  { id: 'app.primary', keys: ['$mod+Enter'], where: ['anywhere'], inText: true, group: 'app' },
  { id: 'app.palette', keys: ['$mod+k'], where: ['anywhere'], inText: true, group: 'app' },
  { id: 'app.keys', keys: ['[Shift]+?'], where: ['anywhere'], group: 'app' },
  { id: 'app.fullScreen', keys: ['F11'], where: ['anywhere'], inText: true, group: 'app' },
];

/** Of the table, or a step that only the primary button and messages know. */
export type CommandId = string;
