import { useI18n } from 'vue-i18n';
import type { Numbers } from './sentences.ts';

/** Numbers of results as a language writes them, with a true minus. */
export const numbersIn = (n: (value: number, format: string) => string): Numbers => ({
  hundred: (share, decimals = 0) => n(100 * share, decimals === 0 ? 'integer' : 'oneFixed'),
  signed: (share) => n(100 * share, 'signed').replace('-', '−'),
  integer: (value) => n(value, 'integer'),
});

export function useNumbers(): Numbers {
  const { n } = useI18n();
  return numbersIn((value, format) => n(value, format));
}
