import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watchEffect } from 'vue';
import type { z } from 'zod';
import { settingsSchema, type Policy, type settingsChangeSchema, type Settings } from '../../contract/settings.ts';
import { setLanguage } from '../i18n/index.ts';
import { ask, call, onEvent } from './core.ts';

/** Kept in the browser to avoid a flash of the wrong theme; nothing else is. */
const themeKey = 'acclimate-theme';

/** The name labels carry while nobody has said who they are. */
export const unnamedRater = 'me';

/** Settings of this computer, kept by core; every open window follows. */
export const useSettings = defineStore('settings', () => {
  const settings = shallowRef<Settings>(settingsSchema.parse({}));
  const policy = shallowRef<Policy>();
  const defaultProjects = ref('');
  const seat = shallowRef<{ rater: string | null; paths: boolean }>({ rater: null, paths: true });
  /** Who labels in this window. */
  const rater = computed(() => seat.value.rater ?? settings.value.rater ?? unnamedRater);

  let loading: Promise<void> | undefined;
  /** Loaded once; what is asked for on behalf of a person waits for it. */
  const ready = (): Promise<void> => (loading ??= load());

  async function load(): Promise<void> {
    const loaded = await ask('settings.get', {});
    settings.value = loaded.settings;
    policy.value = loaded.policy;
    defaultProjects.value = loaded.defaultProjects;
    seat.value = loaded.seat;
  }

  async function change(change: z.input<typeof settingsChangeSchema>): Promise<void> {
    settings.value = await call('settings.change', change);
  }

  onEvent('settings.changed', (event) => (settings.value = event.settings));

  watchEffect(() => {
    const { theme, density, fontScale, motion, language } = settings.value;
    const root = document.documentElement;
    root.dataset['theme'] = theme;
    root.dataset['density'] = density;
    root.dataset['motion'] = motion;
    root.dataset['scale'] = String(fontScale);
    root.style.setProperty('font-size', `${fontScale}%`);
    localStorage.setItem(themeKey, theme);
    void setLanguage(language);
  });

  return { settings, policy, defaultProjects, seat, rater, ready, change };
});

/** Before the first answer of core: the theme of last time. */
export function applyRememberedTheme(): void {
  document.documentElement.dataset['theme'] = localStorage.getItem(themeKey) ?? 'dark';
}
