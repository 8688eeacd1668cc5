/**
 * Two letters for each class, unique in the project: its first two where they are free, else its first with a later
 * one, else with a digit or letter that is free.
 */
export function classCodes(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const letters = [...name.normalize('NFC')].filter((letter) => /[\p{L}\p{N}]/u.test(letter));
    const first = (letters[0] ?? '?').toUpperCase();
    const seconds = [
      ...letters.slice(1).map((letter) => letter.toLowerCase()),
      ...'123456789abcdefghijklmnopqrstuvwxyz',
    ];
    const code = seconds.map((second) => first + second).find((candidate) => !taken.has(candidate)) ?? `${first}?`;
    taken.add(code);
    return code;
  });
}
