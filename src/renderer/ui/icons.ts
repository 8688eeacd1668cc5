import { ChartColumn, CheckCheck, Image, Settings, Sparkles, Tag, X } from '@lucide/vue';

/** Icons by what they mean here. */
export const icons = {
  images: Image,
  label: Tag,
  adapt: Sparkles,
  results: ChartColumn,
  apply: CheckCheck,
  settings: Settings,
  close: X,
} as const;
export type IconName = keyof typeof icons;
