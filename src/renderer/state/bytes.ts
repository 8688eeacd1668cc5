const MEGA = 1e6;
const GIGA = 1e9;

/** Bytes as a person reads them, with `n` of vue-i18n. */
export const shownBytes = (bytes: number, n: (value: number, format: string) => string): string =>
  bytes < GIGA ? n(bytes / MEGA, 'megabytes') : n(bytes / GIGA, 'gigabytes');
