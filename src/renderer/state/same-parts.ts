const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `now`, with every part that says what it said before taken from `before`: what is drawn from it is not drawn anew. */
export function sameParts<T>(before: unknown, now: T): T;
export function sameParts(before: unknown, now: unknown): unknown {
  if (Object.is(before, now)) return before;
  if (Array.isArray(now) && Array.isArray(before)) {
    const parts = now.map((part: unknown, i) => sameParts<unknown>(before[i], part));
    return parts.length === before.length && parts.every((part, i) => part === before[i]) ? before : parts;
  }
  if (isPlain(now) && isPlain(before)) {
    const keys = Object.keys(now);
    const parts = Object.fromEntries(keys.map((key) => [key, sameParts(before[key], now[key])]));
    const isSame = keys.length === Object.keys(before).length && keys.every((key) => parts[key] === before[key]);
    return isSame ? before : parts;
  }
  return now;
}
