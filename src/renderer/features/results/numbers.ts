import { useI18n } from 'vue-i18n';
import type { Numbers } from './sentences.ts';

/** Numbers of results in the reader's language, with a true minus. */
export function useNumbers(): Numbers {
  const { n } = useI18n();
  return {
    hundred: (share, decimals = 0) => n(100 * share, decimals === 0 ? 'integer' : 'oneFixed'),
    signed: (share) => n(100 * share, 'signed').replace('-', '−'),
    integer: (value) => n(value, 'integer'),
  };
}
