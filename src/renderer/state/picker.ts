import { shallowRef } from 'vue';

/** Files that are asked for. */
type Files = 'tables' | 'weights' | 'bundles';

/** A question for a place on this computer that the folder panel answers, where there is no picker of the system. */
export interface Asked {
  readonly what: 'folder' | Files;
  answer(path: string | null): void;
}

export const asked = shallowRef<Asked>();

const ask = (what: Asked['what']): Promise<string | null> =>
  new Promise((resolve) => {
    asked.value?.answer(null);
    asked.value = {
      what,
      answer(path) {
        asked.value = undefined;
        resolve(path);
      },
    };
  });

/** Asks for a folder: by the system's picker in the window, by a panel over the server's folders in a browser. */
export const pickFolder = (): Promise<string | null> => window.acclimate?.pickFolder() ?? ask('folder');

/** Asks for a file, likewise. */
export const pickFile = (what: Files): Promise<string | null> => window.acclimate?.pickFile() ?? ask(what);
