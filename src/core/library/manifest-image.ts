import { join } from 'node:path';
import type { ManifestImage } from '../../contract/run-files.ts';

/** What of an image's row the engine needs. */
export interface ImageFile {
  readonly id: number;
  readonly file: string;
  readonly hash: string;
  readonly page: number;
}

/** An image as the engine is told of it. @param folder that its file is named from */
export const manifestImage = (folder: string, { id, file, hash, page }: ImageFile): ManifestImage => ({
  id,
  path: join(folder, file),
  hash,
  ...(page > 0 ? { page } : {}),
});
