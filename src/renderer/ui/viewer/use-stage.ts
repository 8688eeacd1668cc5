import { ref, type Ref } from 'vue';
import { onCommands } from '../../commands/handlers.ts';

const backdrops = ['black', 'dark', 'grey', 'white'] as const;
export type Backdrop = (typeof backdrops)[number];

/** How images are shown in this part of the page, and the commands that change it. */
export function useStage(): { readonly zoom: Ref<number>; readonly backdrop: Ref<Backdrop> } {
  /** 0 fits the image into the room. */
  const zoom = ref(0);
  const backdrop = ref<Backdrop>('black');
  onCommands({
    'look.actualSize': () => (zoom.value = zoom.value === 0 ? 1 : 0),
    'look.larger': () => (zoom.value = Math.min(8, zoom.value === 0 ? 1 : zoom.value * 2)),
    'look.smaller': () => (zoom.value = zoom.value <= 1 ? 0 : zoom.value / 2),
    'look.backdrop': () => (backdrop.value = backdrops[(backdrops.indexOf(backdrop.value) + 1) % backdrops.length]!),
  });
  return { zoom, backdrop };
}
