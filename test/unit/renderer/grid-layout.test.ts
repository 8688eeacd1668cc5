import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gridLayout, headerHeight } from '../../../src/renderer/ui/grid/layout.ts';

const gap = 4;

/** Numbers that look random and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
}

/** Lays out image after image, as one would on paper. */
function plainly(count: number, columns: number, pitch: number, starts: readonly number[]) {
  const rows: { from: number; to: number; top: number; group: number }[] = [];
  let top = 0;
  (starts.length > 0 ? starts : [0]).forEach((start, group) => {
    const end = starts[group + 1] ?? count;
    if (starts.length > 0) top += headerHeight;
    for (let from = start; from < end; from += columns) {
      rows.push({
        from,
        to: Math.min(end, from + columns),
        top,
        group: starts.length > 0 && from === start ? group : -1,
      });
      top += pitch;
    }
  });
  return { rows, height: top };
}

function assertSame(count: number, width: number, tile: number, starts: readonly number[]): void {
  const layout = gridLayout(count, width, tile, gap, Int32Array.from(starts));
  const { columns, pitch } = layout;
  assert.ok(columns === 1 || columns * pitch - gap <= width, 'the columns fit');
  assert.ok((columns + 1) * pitch - gap > width, 'one more would not');
  const { rows, height } = plainly(count, columns, pitch, starts);
  assert.equal(layout.rows, rows.length);
  assert.equal(layout.height, height);
  rows.forEach(({ from, to, top, group }, row) => {
    assert.deepEqual(layout.rangeOf(row), [from, to]);
    assert.equal(layout.topOf(row), top);
    assert.equal(layout.groupAt(row), group);
    assert.equal(layout.rowOf(from), row);
    assert.equal(layout.rowOf(to - 1), row);
    assert.equal(layout.rowAt(top), row);
    assert.equal(layout.rowAt(top + pitch - 1), row);
  });
}

describe('the arithmetic of the grid is that of laying out images one by one', () => {
  test('without groups and with any', () => {
    const below = numbers(7);
    for (let turn = 0; turn < 300; turn++) {
      const count = 1 + below(400);
      const starts = new Set([0, ...Array.from({ length: below(30) }, () => below(count))]);
      const grouped = turn % 3 > 0 ? [...starts].sort((a, b) => a - b) : [];
      assertSame(count, 50 + below(900), [48, 128, 320][below(3)]!, grouped);
    }
  });

  test('with 100,000 groups', () => {
    const below = numbers(3);
    const starts: number[] = [];
    let count = 0;
    for (let group = 0; group < 100_000; group++) {
      starts.push(count);
      count += 1 + below(20);
    }
    assertSame(count, 1280, 128, starts);
  });

  test('nothing takes no room', () => {
    const layout = gridLayout(0, 800, 128, gap, new Int32Array(0));
    assert.deepEqual([layout.rows, layout.height], [0, 0]);
  });
});
