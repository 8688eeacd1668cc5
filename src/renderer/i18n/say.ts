import { useI18n } from 'vue-i18n';
import type { Sentence } from '../../findings/sentences.ts';

/** A finding in the language that is shown. */
export function useSay(): (sentence: Pick<Sentence, 'key' | 'named' | 'count'>) => string {
  const { t } = useI18n();
  return ({ key, named, count }) => (count === undefined ? t(key, { ...named }) : t(key, { ...named }, count));
}
