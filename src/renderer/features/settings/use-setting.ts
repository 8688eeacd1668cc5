import { computed, type WritableComputedRef } from 'vue';
import type { Settings } from '../../../contract/settings.ts';
import { useNotices } from '../../state/notices.ts';
import { useSettings } from '../../state/settings.ts';

/** One setting as a value that can be bound; what is set is kept at once. */
export function useSetting<K extends keyof Settings>(name: K): WritableComputedRef<Settings[K]> {
  const settings = useSettings();
  const notices = useNotices();
  return computed({
    get: () => settings.settings[name],
    set: (value) => void notices.tell(() => settings.change({ [name]: value })),
  });
}
