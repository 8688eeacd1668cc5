/** Columns aligned with spaces: the first `left` ones (words) to the left, the rest (numbers) to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], left = 1): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  return lines
    .map((line) => {
      const cells = line.map((cell, column) => {
        const padding = ' '.repeat(widths[column]! - [...cell].length);
        return column < left ? cell + padding : padding + cell;
      });
      return `  ${cells.join('   ')}`.trimEnd();
    })
    .join('\n');
}
