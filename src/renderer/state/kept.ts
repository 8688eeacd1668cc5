import { ask } from './core.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/** Something of a rater's that is kept in a project: where they were, how they look at it. */
interface Place {
  readonly project: string;
  readonly rater: string;
  readonly key: string;
}

/** Last values that were set here; what core has may be on its way still. */
const last = new Map<string, string>();
/** Values that wait for the one that is being written. */
const waiting = new Map<string, { readonly place: Place; readonly value: string }>();
let writing = false;

const nameOf = ({ project, rater, key }: Place): string => JSON.stringify([project, rater, key]);

/** The first at once; of what comes meanwhile for one place only the last is of use. */
async function write(): Promise<void> {
  if (writing) return;
  writing = true;
  while (waiting.size > 0) {
    const now = [...waiting.values()];
    waiting.clear();
    for (const { place, value } of now) await ask('projects.place', { ...place, value }).catch(() => undefined);
  }
  writing = false;
}

export interface Kept {
  /** What was kept under a key; null where nothing was. */
  recall(key: string): Promise<string | null>;
  /** Kept with the project, so that closing Acclimate, or losing power, loses nothing of it. */
  remember(key: string, value: string): void;
}

/** What the rater keeps in the project that is open. */
export function useKept(): Kept {
  const project = useProject();
  const settings = useSettings();
  const at = (key: string): Place => ({ project: project.id ?? '', rater: settings.rater, key });
  return {
    async recall(key) {
      const place = at(key);
      const here = last.get(nameOf(place));
      if (here !== undefined) return here;
      const kept = await ask('projects.place', place).catch(() => undefined);
      return kept?.value ?? null;
    },
    remember(key, value) {
      // A project that is only looked at keeps nothing.
      if (project.status?.readOnly !== false) return;
      const place = at(key);
      if (last.get(nameOf(place)) === value) return;
      last.set(nameOf(place), value);
      waiting.set(nameOf(place), { place, value });
      void write();
    },
  };
}
