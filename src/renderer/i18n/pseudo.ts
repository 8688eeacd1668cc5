const accents: Readonly<Record<string, string>> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
  n: 'ñ',
  c: 'ç',
};

/** Text as a language of 40 % more length would show it, still readable: what does not fit is seen at once. */
export function pseudo(text: string): string {
  const accented = text.replaceAll(/[aeiouAEIOUnc]/g, (letter) => accents[letter] ?? letter);
  return `[${accented}${'·'.repeat(Math.ceil(text.length * 0.4))}]`;
}
