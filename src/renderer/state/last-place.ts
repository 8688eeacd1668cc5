import { ask } from './core.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

interface Place {
  readonly project: string;
  readonly rater: string;
  readonly key: string;
}
const isSame = (a: Place, b: Place): boolean => a.project === b.project && a.rater === b.rater && a.key === b.key;

/** The image a rater was at, kept with the project: closing Acclimate, or losing power, loses no place. */
export function useLastImage(key: () => string): {
  recall(): Promise<number | null>;
  remember(image: number): void;
} {
  const project = useProject();
  const settings = useSettings();
  const at = (): Place => ({
    project: project.id ?? '',
    rater: settings.rater,
    key: key(),
  });
  let writing = false;
  let next: { place: Place; image: number } | undefined;
  /** What was remembered here last; what core has may be on its way still. */
  let last: typeof next;

  /** One at a time; of what comes meanwhile only the last is of use. */
  async function write(): Promise<void> {
    if (writing) return;
    writing = true;
    while (next) {
      const { place, image } = next;
      next = undefined;
      // A project that is only looked at keeps no place.
      await ask('projects.place', { ...place, value: String(image) }).catch(() => undefined);
    }
    writing = false;
  }

  return {
    async recall() {
      const asked = at();
      if (last && isSame(last.place, asked)) return last.image;
      const kept = await ask('projects.place', asked).catch(() => undefined);
      const image = Number(kept?.value ?? Number.NaN);
      return Number.isInteger(image) ? image : null;
    },
    remember(image) {
      if (project.status?.readOnly !== false) return;
      next = last = { place: at(), image };
      void write();
    },
  };
}
