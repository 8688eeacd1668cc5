import { useI18n } from 'vue-i18n';
import type { LabelValue } from './labelling.ts';

/** What is said of images that have got a label. */
export function useLabelSaid(): (images: number, value: LabelValue) => string {
  const { t, n } = useI18n();
  return (images, value) => {
    const name = 'class' in value ? value.class : t(`label.marks.${value.mark}`);
    return t('label.said', { n: n(images, 'integer'), name }, images);
  };
}
