import { call } from './core.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/** The image a rater was at, kept with the project: closing Acclimate, or losing power, loses no place. */
export function useLastImage(key: () => string): {
  recall(): Promise<number | null>;
  remember(image: number): void;
} {
  const project = useProject();
  const settings = useSettings();
  const at = (): { project: string; rater: string; key: string } => ({
    project: project.id ?? '',
    rater: settings.rater,
    key: key(),
  });
  let writing = false;
  let next: { place: ReturnType<typeof at>; image: number } | undefined;

  /** One at a time; of what comes meanwhile only the last is of use. */
  async function write(): Promise<void> {
    if (writing) return;
    writing = true;
    while (next) {
      const { place, image } = next;
      next = undefined;
      // A project that is only looked at keeps no place.
      await call('projects.place', { ...place, value: String(image) }).catch(() => undefined);
    }
    writing = false;
  }

  return {
    async recall() {
      if (next?.place.key === key()) return next.image;
      const kept = await call('projects.place', at()).catch(() => undefined);
      const image = Number(kept?.value ?? Number.NaN);
      return Number.isInteger(image) ? image : null;
    },
    remember(image) {
      if (project.status?.readOnly !== false) return;
      next = { place: at(), image };
      void write();
    },
  };
}
