import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createI18n } from 'vue-i18n';
import { dates, numbers } from '../../../src/locales/formats.ts';
import { numbersIn, type Numbers } from '../../../src/findings/numbers.ts';
import type { Sentence } from '../../../src/findings/sentences.ts';

const locales = fileURLToPath(new URL('../../../src/locales/', import.meta.url));
const catalogue = (language: string): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    readdirSync(`${locales}${language}`).map((file) => [
      file.replace(/\.json$/, ''),
      JSON.parse(readFileSync(`${locales}${language}/${file}`, 'utf8')) as Record<string, unknown>,
    ]),
  );

/** A language as the page speaks it: its catalogues, its numbers. */
export function language(locale: 'en' | 'de'): { numbers: Numbers; say(sentence: Sentence): string } {
  const { global } = createI18n({
    legacy: false,
    locale,
    messages: { [locale]: catalogue(locale) },
    numberFormats: { [locale]: numbers },
    datetimeFormats: { [locale]: dates },
    missing: (_, key) => {
      throw new Error(`no ${key} in ${locale}`);
    },
  });
  return {
    numbers: numbersIn((value, format) => global.n(value, format)),
    say: ({ key, named, count }) =>
      count === undefined ? global.t(key, { ...named }) : global.t(key, { ...named }, count),
  };
}
