import { readdirSync, readFileSync } from 'node:fs';
import {
  compile,
  createCoreContext,
  datetime,
  fallbackWithLocaleChain,
  number,
  registerLocaleFallbacker,
  registerMessageCompiler,
  registerMessageResolver,
  resolveValue,
  translate,
} from '@intlify/core-base';
import type { ReportLocale } from '../contract/calls/exports.ts';
import { numbersIn, type Numbers } from '../findings/numbers.ts';
import type { Sentence } from '../findings/sentences.ts';
import { dates, numbers as numberFormats } from '../locales/formats.ts';

/** The catalogues as the page speaks them, without a page. */
export interface Words {
  readonly locale: ReportLocale;
  readonly numbers: Numbers;
  t(key: string, named?: Sentence['named'], count?: number): string;
  say(sentence: Sentence): string;
  /** Whether there is such a word. */
  has(key: string): boolean;
  n(value: number, format: keyof typeof numberFormats): string;
  /** A moment, in the time zone of this computer, which is told with it. */
  d(iso: string): string;
}

const folder = new URL('../locales/', import.meta.url);

function catalogue(locale: ReportLocale): Record<string, Record<string, unknown>> {
  const files = readdirSync(new URL(`${locale}/`, folder)).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(
    files.map((file) => [
      file.slice(0, -'.json'.length),
      JSON.parse(readFileSync(new URL(`${locale}/${file}`, folder), 'utf8')) as Record<string, unknown>,
    ]),
  );
}

export function wordsOf(locale: ReportLocale): Words {
  registerMessageCompiler(compile);
  registerMessageResolver(resolveValue);
  registerLocaleFallbacker(fallbackWithLocaleChain);
  const messages = catalogue(locale);
  const context = createCoreContext({
    locale,
    fallbackLocale: false,
    messages: { [locale]: messages },
    numberFormats: { [locale]: numberFormats },
    datetimeFormats: { [locale]: dates },
    missing: (_, __, key) => {
      throw new Error(`no ${key} in ${locale}`);
    },
  });
  const n: Words['n'] = (value, format) => String(number(context, value, format));
  const t: Words['t'] = (key, named = {}, count) =>
    String(count === undefined ? translate(context, key, { ...named }) : translate(context, key, { ...named }, count));
  return {
    locale,
    numbers: numbersIn((value, format) => n(value, format as keyof typeof numberFormats)),
    t,
    say: ({ key, named, count }) => t(key, named, count),
    has: (key) => typeof resolveValue(messages, key) === 'string',
    n,
    d: (iso) => String(datetime(context, new Date(iso), 'full')),
  };
}
