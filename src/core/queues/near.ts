import { existsSync } from 'node:fs';
import { startAskedThread, type AskedThread } from '../asked-thread.ts';
import type { Project } from '../db/open.ts';
import { featureFile } from '../features/store.ts';

export interface NearQuestion {
  readonly file: string;
  readonly image: number;
  readonly size: number;
  /** Only these are of interest; null takes all. */
  readonly among: readonly number[] | null;
}

const threadFile = new URL('./near-thread.ts', import.meta.url);
/** Features take their memory; a thread that is asked nothing for so long gives it back. */
const restMs = 60_000;

const threads = new WeakMap<Project, AskedThread>();

/** Images that look most like one, itself first where it is among them; none where it has not been looked at yet. */
export async function nearestImages(
  project: Project,
  image: number,
  size: number,
  among: readonly number[] | null = null,
): Promise<number[]> {
  const file = featureFile(project);
  if (!existsSync(file)) return [];
  return (await threadOf(project).ask({ file, image, size, among } satisfies NearQuestion)) as number[];
}

function threadOf(project: Project): AskedThread {
  const known = threads.get(project);
  if (known) return known;
  const thread = startAskedThread(threadFile, {
    restMs,
    onEnd: () => {
      if (threads.get(project) === thread) threads.delete(project);
    },
  });
  threads.set(project, thread);
  project.onClose(thread.close);
  return thread;
}
