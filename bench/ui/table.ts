export interface Line {
  readonly budget: string;
  readonly limit: number;
  readonly unit: string;
  /** NaN: could not be measured here. */
  readonly measured: number;
  /** 0: not about rows. */
  readonly rows: number;
}

const number = (value: number): string => (Number.isFinite(value) ? value.toFixed(value < 10 ? 1 : 0) : 'not measured');

/** Budget, measured, held, as a Markdown table. */
export function table(lines: readonly Line[]): string {
  const head = '| images | budget | limit | measured | held |\n|---|---|---|---|---|\n';
  const body = lines.map(({ budget, limit, unit, measured, rows }) => {
    const held = !Number.isFinite(measured) ? '–' : measured <= limit ? 'yes' : '**no**';
    return `| ${rows === 0 ? '' : rows.toLocaleString('en')} | ${budget} | ${number(limit)} ${unit} | ${number(measured)} ${Number.isFinite(measured) ? unit : ''} | ${held} |`;
  });
  return `${head}${body.join('\n')}\n`;
}
