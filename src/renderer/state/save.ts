import type { CallerInputOf } from '../../rpc/types.ts';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { call } from './core.ts';

/** What core made: files that are written, or can be fetched by their tokens. */
interface Made {
  readonly files: readonly { readonly name: string; readonly token: string | null }[];
}

/** A name for a file of a project that no system refuses: `smears-labels.csv`. */
export const exportName = (project: string | undefined, what: string): string =>
  `${project ?? 'acclimate'}-${what}`.replaceAll(/[\\/:*?"<>|]/g, '-');

/** Writes a table where the user says. */
export const saveExport = (
  input: Omit<CallerInputOf<CoreCalls, 'exports.make'>, 'out'>,
  name: string,
): Promise<boolean> => saveMade((at) => call('exports.make', { ...input, ...at }), name);

/**
 * Has core make a file where the user says: at a place of this computer in the window, as a download in a browser.
 * @returns whether it was written; not when the user left the picker
 * @throws AppError
 */
export async function saveMade(make: (at: { readonly out?: string }) => Promise<Made>, name: string): Promise<boolean> {
  if (window.acclimate) {
    const out = await window.acclimate.pickSave(name);
    if (out === null) return false;
    await make({ out });
    return true;
  }
  const { files } = await make({});
  for (const { name: fileName, token } of files) {
    if (token !== null) offerDownload(fileName, await readWhole(token));
  }
  return true;
}

async function readWhole(token: string): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (;;) {
    const { bytes, total } = await call('exports.read', { token, at });
    parts.push(new Uint8Array(bytes));
    at += bytes.length;
    if (at >= total || bytes.length === 0) return new Blob(parts);
  }
}

/** Gives a file to the browser's downloads. */
export function offerDownload(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
