/** Squares in rows, with a header before each group: everything about it is arithmetic. All lengths in pixels. */
export interface GridLayout {
  readonly columns: number;
  /** Side of a tile with its gap. */
  readonly pitch: number;
  readonly rows: number;
  /** Each row has a header before its images, shown where a group begins. */
  readonly isGrouped: boolean;
  readonly height: number;
  /** Row an image is in. */
  rowOf(at: number): number;
  /** Images of a row, half open. */
  rangeOf(row: number): readonly [number, number];
  topOf(row: number): number;
  /** First row that is not wholly above `y`. */
  rowAt(y: number): number;
  /** Group that begins with this row; -1 where none does. */
  groupAt(row: number): number;
}

export const headerHeight = 32;

export function gridLayout(count: number, width: number, tile: number, gap: number, starts: Int32Array): GridLayout {
  const pitch = tile + gap;
  const columns = Math.max(1, Math.floor((width + gap) / pitch));
  if (starts.length === 0) {
    const rows = Math.ceil(count / columns);
    return {
      columns,
      pitch,
      rows,
      isGrouped: false,
      height: rows * pitch,
      rowOf: (at) => Math.floor(at / columns),
      rangeOf: (row) => [row * columns, Math.min(count, (row + 1) * columns)],
      topOf: (row) => row * pitch,
      rowAt: (y) => Math.max(0, Math.min(rows - 1, Math.floor(y / pitch))),
      groupAt: () => -1,
    };
  }
  const groups = starts.length;
  // Row each group begins at, and one past the last.
  const firstRow = new Int32Array(groups + 1);
  for (let group = 0; group < groups; group++) {
    const end = group + 1 < groups ? starts[group + 1]! : count;
    firstRow[group + 1] = firstRow[group]! + Math.ceil((end - starts[group]!) / columns);
  }
  const rows = firstRow[groups]!;
  const groupOfRow = (row: number): number => lastAtMost(firstRow, row, groups);
  const topOf = (row: number): number => row * pitch + (groupOfRow(row) + 1) * headerHeight;
  return {
    columns,
    pitch,
    rows,
    isGrouped: true,
    height: rows * pitch + groups * headerHeight,
    rowOf(at) {
      const group = lastAtMost(starts, at, groups);
      return firstRow[group]! + Math.floor((at - starts[group]!) / columns);
    },
    rangeOf(row) {
      const group = groupOfRow(row);
      const end = group + 1 < groups ? starts[group + 1]! : count;
      const from = starts[group]! + (row - firstRow[group]!) * columns;
      return [from, Math.min(end, from + columns)];
    },
    topOf,
    rowAt(y) {
      let [low, high] = [0, Math.max(0, rows - 1)];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (topOf(middle) + pitch > y) high = middle;
        else low = middle + 1;
      }
      return low;
    },
    groupAt(row) {
      const group = groupOfRow(row);
      return firstRow[group] === row ? group : -1;
    },
  };
}

/** Place of the last of `length` sorted values that is at most `value`. */
function lastAtMost(sorted: Int32Array, value: number, length: number): number {
  let [low, high] = [0, length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sorted[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
