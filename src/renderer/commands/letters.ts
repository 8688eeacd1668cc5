/**
 * A letter for each class, for those who rather type letters than digits: the first letter of its name that no class
 * before it has. Only the first eighteen have a command.
 */
export function classLetters(names: readonly string[]): ReadonlyMap<string, string> {
  const letters = new Map<string, string>();
  names.slice(0, 18).forEach((name, position) => {
    const free = [...name.toLocaleLowerCase()].find((letter) => /\p{L}/u.test(letter) && !letters.has(letter));
    if (free !== undefined) letters.set(free, `label.class.${position + 1}`);
  });
  return letters;
}
