import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { ImageDetails } from '../../contract/view.ts';
import { ask } from './core.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/** Who leafs through images wants no details of those that pass: what is alike is not found at once. */
const restMs = 150;

/**
 * All that is known of an image, asked for when one rests on it, and anew when labels change. The answer before stays
 * until the next is there.
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
  let timer: number | undefined;
  async function load(): Promise<void> {
    const [id, now] = [project.id, image()];
    if (id === undefined || now === undefined) return;
    const found = await ask('images.details', { project: id, rater: settings.rater, image: now }).catch(
      () => undefined,
    );
    if (found && found.image === image()) details.value = found;
  }
  watch(
    () => [project.id, settings.rater, image(), revision()],
    () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void load(), details.value === undefined ? 0 : restMs);
    },
    { immediate: true },
  );
  onScopeDispose(() => window.clearTimeout(timer));
  return details;
}
