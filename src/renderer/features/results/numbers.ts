import { useI18n } from 'vue-i18n';
import { numbersIn, type Numbers } from '../../../findings/numbers.ts';

export function useNumbers(): Numbers {
  const { n } = useI18n();
  return numbersIn((value, format) => n(value, format));
}
