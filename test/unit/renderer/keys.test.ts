import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endingOf, isSingleKey, keysOf, meaningsOf, type KeyPress } from '../../../src/renderer/commands/keys.ts';
import { classLetters } from '../../../src/renderer/commands/letters.ts';
import { conflictsOf, pressText } from '../../../src/renderer/commands/rebind.ts';
import { commands, scopes, type Scope } from '../../../src/renderer/commands/table.ts';
import { layouts, press } from './layouts.ts';

const settings = { keys: {}, singleKeys: true, lettersNameClasses: false };
const idsFor = (event: KeyPress, scope: Scope, more: Partial<Parameters<typeof meaningsOf>[1]> = {}): string[] =>
  meaningsOf(event, { scope, inText: false, settings, isDesktop: true, ...more }).map(({ command }) => command.id);

/** First keys of sequences share their first press on purpose. */
const distinct = (event: KeyPress, scope: Scope, lettersNameClasses: boolean): string[] => [
  ...new Set(
    meaningsOf(event, { scope, inText: false, settings: { ...settings, lettersNameClasses }, isDesktop: true }).map(
      ({ command, presses }) => (presses.length > 1 ? 'a sequence' : command.id),
    ),
  ),
];

for (const [layout, keyboard] of Object.entries(layouts)) {
  describe(`on the ${layout} keyboard`, () => {
    for (const lettersNameClasses of [false, true]) {
      test(`no press means two things in one place${lettersNameClasses ? ', with letters for classes' : ''}`, () => {
        for (const scope of scopes) {
          for (const code of Object.keys(keyboard)) {
            for (const held of [[], ['Shift'], ['Control'], ['Control', 'Shift'], ['Alt'], ['Alt', 'Shift']]) {
              const event = press(keyboard, code, held);
              const meant = distinct(event, scope, lettersNameClasses);
              assert.ok(meant.length <= 1, `${held.join('+')} ${code} (${event.key}) in ${scope}: ${meant.join(', ')}`);
            }
          }
        }
      });
    }

    test('digits label by their place, whatever is printed on them', () => {
      for (let digit = 1; digit <= 9; digit++) {
        assert.deepEqual(idsFor(press(keyboard, `Digit${digit}`), 'grid'), [`label.class.${digit}`]);
        assert.deepEqual(idsFor(press(keyboard, `Digit${digit}`, ['Shift']), 'focus'), [`label.class.${digit + 9}`]);
      }
      assert.deepEqual(idsFor(press(keyboard, 'Digit0'), 'grid'), ['label.none']);
    });

    test('letters and signs act where they are printed', () => {
      for (const [key, command] of [
        ['a', 'label.autoAdvance'],
        ['u', 'label.unsure'],
        ['z', 'look.actualSize'],
        ['w', 'look.why'],
        ['.', 'label.nextBatch'],
        ['+', 'look.larger'],
        ['?', 'app.keys'],
      ] as const) {
        const found = Object.entries(keyboard).flatMap(([code, [plain, shifted]]) =>
          plain === key ? [press(keyboard, code)] : shifted === key ? [press(keyboard, code, ['Shift'])] : [],
        );
        assert.ok(found.length > 0, `${key} is not on the keyboard`);
        assert.deepEqual(idsFor(found[0]!, 'focus'), [command], key);
      }
    });
  });
}

describe('keys', () => {
  const us = layouts['us']!;

  test('the number block labels only where it yields a digit', () => {
    const numpad = (key: string): KeyPress => ({ key, code: 'Numpad1', getModifierState: () => false });
    assert.deepEqual(idsFor(numpad('1'), 'grid'), ['label.class.1']);
    assert.deepEqual(idsFor(numpad('End'), 'grid'), ['move.rowEnd']);
  });

  test('keys without Ctrl can be switched off, and only they', () => {
    const off = { settings: { ...settings, singleKeys: false } };
    assert.deepEqual(idsFor(press(us, 'KeyU'), 'grid', off), []);
    assert.deepEqual(idsFor(press(us, 'Digit1'), 'grid', off), []);
    assert.deepEqual(idsFor(press(us, 'KeyZ', ['Control']), 'grid', off), ['edit.undo']);
    assert.equal(isSingleKey('ArrowLeft'), false);
  });

  test('in a text field nothing acts that could be typed', () => {
    const inText = { inText: true };
    assert.deepEqual(idsFor(press(us, 'KeyU'), 'grid', inText), []);
    assert.deepEqual(idsFor(press(us, 'KeyZ', ['Control']), 'grid', inText), []);
    assert.deepEqual(idsFor(press(us, 'KeyK', ['Control']), 'grid', inText), ['app.palette']);
  });

  test('H and a letter go to a place', () => {
    const begun = meaningsOf(press(us, 'KeyH'), { scope: 'grid', inText: false, settings, isDesktop: false });
    assert.equal(endingOf(press(us, 'KeyL'), begun)?.id, 'go.label');
    assert.equal(endingOf(press(us, 'KeyH'), begun)?.id, 'go.home');
    assert.equal(endingOf(press(us, 'KeyX'), begun), undefined);
  });

  test('keys that browsers take are for the window alone', () => {
    const two = press(us, 'Digit2', ['Control']);
    assert.deepEqual(idsFor(two, 'anywhere', { isDesktop: true }), ['go.label']);
    assert.deepEqual(idsFor(two, 'anywhere', { isDesktop: false }), []);
  });

  test('letters that name classes move the others to Alt', () => {
    const unsure = commands.find(({ id }) => id === 'label.unsure')!;
    assert.deepEqual(keysOf(unsure, { ...settings, lettersNameClasses: true }, false), ['Alt+u']);
    assert.deepEqual(
      [...classLetters(['Monocyte', 'Macrophage', 'Basophil'])],
      [
        ['m', 'label.class.1'],
        ['a', 'label.class.2'],
        ['b', 'label.class.3'],
      ],
    );
  });

  test('a key that is taken is told, where both could act', () => {
    const unsure = commands.find(({ id }) => id === 'label.unsure')!;
    const ids = (keys: string): string[] => conflictsOf(unsure, keys, {}).map(({ id }) => id);
    assert.deepEqual(ids('s'), ['label.skip']);
    assert.deepEqual(ids('h').length, 6);
    assert.deepEqual(ids('q'), []);
    assert.deepEqual(
      conflictsOf(unsure, 's', { 'label.skip': ['q'] }).map(({ id }) => id),
      [],
    );
  });

  test('a press becomes the notation of the table', () => {
    assert.equal(pressText(press(us, 'KeyQ')), 'q');
    assert.equal(pressText(press(us, 'KeyQ', ['Control', 'Shift'])), 'Shift+$mod+q');
    assert.equal(pressText(press(layouts['fr']!, 'Digit4')), 'Digit4');
    assert.equal(pressText(press(us, 'Slash', ['Shift'])), '[Shift]+?');
    assert.equal(pressText({ key: 'Shift', code: 'ShiftLeft', getModifierState: () => true }), undefined);
  });
});
