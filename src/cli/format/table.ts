/** Columns aligned with spaces; the first to the left, the rest to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], indent = '  '): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  return lines
    .map((line) => {
      const cells = line.map((cell, column) => {
        const padding = ' '.repeat(widths[column]! - [...cell].length);
        return column === 0 ? cell + padding : padding + cell;
      });
      return (indent + cells.join('   ')).trimEnd();
    })
    .join('\n');
}
