import { computed, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { AppError } from '../../../contract/errors.ts';
import type { ImportInput, Look } from '../../../contract/library.ts';
import { ask } from '../../state/core.ts';

/** What the user chose so far; what is absent is guessed. */
export type Choices = Omit<ImportInput, 'folder' | 'project' | 'seed'> & { project?: string };

/** A pause in typing, after which the folder is looked at again. */
const PAUSE_MS = 300;

interface Looking {
  readonly look: ShallowRef<Look | undefined>;
  readonly choices: ShallowRef<Choices>;
  readonly trouble: ShallowRef<AppError | undefined>;
  readonly isLooking: Ref<boolean>;
  change(change: Partial<Choices>): void;
}

/** What an import of the folder would find, kept up to date with what is chosen. The last answer stays meanwhile. */
export function useLook(folder: () => string | undefined): Looking {
  const look = shallowRef<Look>();
  const choices = shallowRef<Choices>({});
  const trouble = shallowRef<AppError>();
  const isLooking = ref(false);
  let running: AbortController | undefined;
  let timer: number | undefined;

  async function run(): Promise<void> {
    const path = folder();
    running?.abort();
    if (path === undefined) return;
    const mine = new AbortController();
    running = mine;
    isLooking.value = true;
    try {
      const found = await ask('library.look', { folder: path, ...choices.value }, { signal: mine.signal });
      if (running !== mine) return;
      look.value = found;
      trouble.value = undefined;
      guess(found);
    } catch (thrown) {
      if (running === mine) trouble.value = AppError.from(thrown);
    } finally {
      if (running === mine) isLooking.value = false;
    }
  }

  /** The first look offers a pattern for groups; it is taken, to be seen and changed. */
  let hasGuessed = false;
  function guess({ suggestedPattern }: Look): void {
    if (hasGuessed) return;
    hasGuessed = true;
    if (suggestedPattern !== null && choices.value.groups === undefined) change({ groups: suggestedPattern });
  }

  function change(change: Partial<Choices>): void {
    const all = Object.entries({ ...choices.value, ...change });
    choices.value = Object.fromEntries(all.filter(([, value]) => value !== undefined));
  }

  watch(choices, () => {
    window.clearTimeout(timer);
    isLooking.value = true;
    timer = window.setTimeout(() => void run(), PAUSE_MS);
  });
  watch(
    computed(folder),
    () => {
      look.value = undefined;
      choices.value = {};
      hasGuessed = false;
      void run();
    },
    { immediate: true },
  );
  return { look, choices, trouble, isLooking, change };
}
