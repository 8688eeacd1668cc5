import type { KeyPress } from '../../../src/renderer/commands/keys.ts';

/** What a physical key yields alone and with Shift. */
type Keyboard = Readonly<Record<string, readonly [plain: string, shifted: string]>>;

const letters = (rows: Readonly<Record<string, string>>): Keyboard =>
  Object.fromEntries(Object.entries(rows).map(([code, letter]) => [`Key${code}`, [letter, letter.toUpperCase()]]));
const digits = (plain: string, shifted: string): Keyboard =>
  Object.fromEntries([...'1234567890'].map((digit, at) => [`Digit${digit}`, [[...plain][at]!, [...shifted][at]!]]));
const same = (exceptions: Readonly<Record<string, string>> = {}): Keyboard =>
  letters({ ...Object.fromEntries([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((c) => [c, c.toLowerCase()])), ...exceptions });

const named: Keyboard = Object.fromEntries(
  ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown', 'Enter', 'Escape']
    .concat(['Backspace', 'Delete', 'F3', 'F6', 'F11'])
    .map((key) => [key, [key, key]]),
);
const common: Keyboard = { ...named, Space: [' ', ' '], NumpadAdd: ['+', '+'], NumpadSubtract: ['-', '-'] };

export const layouts: Readonly<Record<string, Keyboard>> = {
  us: {
    ...common,
    ...same(),
    ...digits('1234567890', '!@#$%^&*()'),
    Minus: ['-', '_'],
    Equal: ['=', '+'],
    BracketLeft: ['[', '{'],
    BracketRight: [']', '}'],
    Semicolon: [';', ':'],
    Quote: ["'", '"'],
    Comma: [',', '<'],
    Period: ['.', '>'],
    Slash: ['/', '?'],
    Backquote: ['`', '~'],
  },
  de: {
    ...common,
    ...same({ Y: 'z', Z: 'y' }),
    ...digits('1234567890', '!"§$%&/()='),
    Minus: ['ß', '?'],
    Equal: ['´', '`'],
    BracketLeft: ['ü', 'Ü'],
    BracketRight: ['+', '*'],
    Semicolon: ['ö', 'Ö'],
    Quote: ['ä', 'Ä'],
    Comma: [',', ';'],
    Period: ['.', ':'],
    Slash: ['-', '_'],
    Backquote: ['^', '°'],
  },
  fr: {
    ...common,
    ...same({ A: 'q', Q: 'a', Z: 'w', W: 'z', M: ',' }),
    KeyM: [',', '?'],
    ...digits('&é"\'(-è_çà', '1234567890'),
    Minus: [')', '°'],
    Equal: ['=', '+'],
    BracketLeft: ['^', '¨'],
    BracketRight: ['$', '£'],
    Semicolon: ['m', 'M'],
    Quote: ['ù', '%'],
    Comma: [';', '.'],
    Period: [':', '/'],
    Slash: ['!', '§'],
    Backquote: ['²', '²'],
  },
};

export const press = (keyboard: Keyboard, code: string, held: readonly string[] = []): KeyPress => ({
  key: keyboard[code]![held.includes('Shift') ? 1 : 0],
  code,
  getModifierState: (modifier) => held.includes(modifier),
});
