/** A cell that no spreadsheet runs as a formula, quoted where it must be. Import takes the ' off again. */
export function csvCell(value: string, delimiter = ','): string {
  const guarded = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /["\r\n]/.test(guarded) || guarded.includes(delimiter) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
