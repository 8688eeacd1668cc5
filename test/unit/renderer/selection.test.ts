import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  between,
  includes,
  none,
  places,
  rangesOf,
  sizeOf,
  toggle,
  union,
  without,
  type Ranges,
} from '../../../src/renderer/state/selection.ts';

const sets = (ranges: Ranges): Set<number> => new Set(places(ranges));

/** The same places, in ranges that are sorted, not empty, and do not touch. */
function assertIs(ranges: Ranges, expected: ReadonlySet<number>): void {
  assert.deepEqual(
    [...places(ranges)],
    [...expected].sort((a, b) => a - b),
  );
  assert.equal(sizeOf(ranges), expected.size);
  ranges.forEach(([from, to], i) => {
    assert.ok(to > from);
    assert.ok(i === 0 || from > ranges[i - 1]![1], 'ranges that touch are one');
  });
}

/** All subsets of five places, so that every way two ranges can lie to each other is there. */
const all = Array.from({ length: 32 }, (_, bits) => [0, 1, 2, 3, 4].filter((place) => (bits >> place) & 1));

describe('ranges are sets of places', () => {
  test('union, without and toggle', () => {
    for (const a of all) {
      const ranges = rangesOf(a);
      assertIs(ranges, new Set(a));
      for (let at = 0; at < 5; at++) {
        assert.equal(includes(ranges, at), a.includes(at));
        const toggled = new Set(a);
        if (!toggled.delete(at)) toggled.add(at);
        assertIs(toggle(ranges, at), toggled);
      }
      for (const b of all) {
        assertIs(union(ranges, rangesOf(b)), new Set([...a, ...b]));
        assertIs(without(ranges, rangesOf(b)), new Set(a.filter((place) => !b.includes(place))));
      }
    }
  });

  test('ranges that overlap, in any order', () => {
    assertIs(
      union([[5, 9]], [
        [0, 6],
        [9, 12],
      ] as Ranges),
      sets([[0, 12]]),
    );
    assertIs(union(none, none), new Set());
  });

  test('from one place to another holds both', () => {
    assertIs(between(7, 3), sets([[3, 8]]));
    assertIs(between(3, 3), new Set([3]));
  });

  test('no more than wanted', () => assert.deepEqual([...places([[2, 1_000_000]], 3)], [2, 3, 4]));
});
