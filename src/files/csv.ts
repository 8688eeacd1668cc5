/** What a spreadsheet would run; and what looks like such a cell guarded already, so that taking a ' off gives back any text. */
const guardable = /^'*[=+\-@\t]/;

/** A cell that no spreadsheet runs as a formula, quoted where it must be. */
export function csvCell(value: string, delimiter = ','): string {
  const guarded = guardable.test(value) ? `'${value}` : value;
  return /["\r\n]/.test(guarded) || guarded.includes(delimiter) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** Takes off the ' that an export put before a cell. */
export const unguarded = (cell: string): string =>
  cell.startsWith("'") && guardable.test(cell) ? cell.slice(1) : cell;
