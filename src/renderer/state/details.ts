import { shallowRef, watch, type ShallowRef } from 'vue';
import type { ImageDetails } from '../../contract/view.ts';
import { ask } from './core.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/**
 * All that is known of an image, asked for anew when labels change. The answer before stays until the next is there.
 * @param image what is looked at; undefined where nothing is
 * @param revision rises when something may be known otherwise
 */
export function useDetails(
  image: () => number | undefined,
  revision: () => number,
): Readonly<ShallowRef<ImageDetails | undefined>> {
  const project = useProject();
  const settings = useSettings();
  const details = shallowRef<ImageDetails>();
  watch(
    () => [project.id, settings.rater, image(), revision()] as const,
    async ([id, rater, now]) => {
      if (id === undefined || now === undefined) return;
      const found = await ask('images.details', { project: id, rater, image: now }).catch(() => undefined);
      if (found && found.image === image()) details.value = found;
    },
    { immediate: true },
  );
  return details;
}
