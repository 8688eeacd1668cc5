import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Unreadable } from '../../../contract/library.ts';
import { sniff } from '../../../images/sniff.ts';
import { ImageFailure } from '../../../images/types.ts';

const headBytes = 65536;
/** More files than these are told by name alone: the page does not wait. */
const mostFiles = 2000;

/** Files with the name of an image that are none by their first bytes. */
export function notImages(folder: string, files: readonly string[]): Unreadable[] {
  if (files.length > mostFiles) return [];
  const head = Buffer.alloc(headBytes);
  return files.flatMap((file) => {
    const reason = failureOf(join(folder, file), head);
    return reason === null ? [] : [{ file, bytes: 0, code: reason.code, reason: reason.message }];
  });
}

function failureOf(path: string, head: Buffer): ImageFailure | null {
  try {
    const handle = openSync(path, 'r');
    try {
      sniff(head.subarray(0, readSync(handle, head, 0, headBytes, 0)));
      return null;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return error instanceof ImageFailure ? error : new ImageFailure('no-permission', 'the file may not be read');
  }
}
