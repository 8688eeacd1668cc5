import { createI18n } from 'vue-i18n';
import type { Settings } from '../../contract/settings.ts';
import { dates, numbers } from '../../locales/formats.ts';
import { pseudo } from './pseudo.ts';

type Catalogue = Record<string, Record<string, unknown>>;

/** One file per place, named as its key: `label.json` holds `label.*`. */
const byName = (files: Record<string, unknown>): Catalogue =>
  Object.fromEntries(
    Object.entries(files).map(([path, messages]) => [
      path.replace(/^.*\/|\.json$/g, ''),
      messages as Record<string, unknown>,
    ]),
  );

const english = byName(import.meta.glob('../../locales/en/*.json', { eager: true, import: 'default' }));
// German is fetched when it is asked for.
const german = import.meta.glob<Record<string, unknown>>('../../locales/de/*.json', { import: 'default' });

let isPseudo = false;

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en: english } as Record<string, Catalogue>,
  numberFormats: { en: numbers, de: numbers },
  datetimeFormats: { en: dates, de: dates },
  postTranslation: (text) => (isPseudo && typeof text === 'string' ? pseudo(text) : text),
});

const systemLanguage = (): 'en' | 'de' => (navigator.language.startsWith('de') ? 'de' : 'en');

/** Switches the language of everything that is shown. */
export async function setLanguage(language: Settings['language']): Promise<void> {
  const wanted = language === 'system' ? systemLanguage() : language;
  const locale = wanted === 'de' ? 'de' : 'en';
  isPseudo = wanted === 'pseudo';
  if (locale === 'de' && !i18n.global.availableLocales.includes('de')) {
    const loaded = await Promise.all(Object.entries(german).map(async ([path, load]) => [path, await load()] as const));
    i18n.global.setLocaleMessage('de', byName(Object.fromEntries(loaded)));
  }
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
}
