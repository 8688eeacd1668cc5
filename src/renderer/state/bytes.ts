const units = [
  ['gigabytes', 1e9],
  ['megabytes', 1e6],
  ['kilobytes', 1e3],
] as const;

/** Bytes as a person reads them, with `n` of vue-i18n. What is there at all is not shown as none. */
export function shownBytes(bytes: number, n: (value: number, format: string) => string): string {
  const [unit, size] = units.find(([, size]) => bytes >= size) ?? units[2];
  return n(unit === 'kilobytes' ? Math.ceil(bytes / size) : bytes / size, unit);
}
