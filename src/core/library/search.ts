import type { Project } from '../db/open.ts';
import { sight } from '../labels/visibility.ts';
import { keyText } from '../thumbnails/keys.ts';
import { queries } from '../views/queries.ts';

interface FoundImage {
  readonly image: number;
  readonly key: string;
  readonly file: string;
}

/** Images by a name or a part of it, the nearest first. A blind rater knows no names. */
export async function searchImages(
  project: Project,
  { rater, text, most }: { readonly rater: string; readonly text: string; readonly most: number },
  signal: AbortSignal,
): Promise<FoundImage[]> {
  if (sight(project.db, rater).blind) return [];
  const ids = await queries(project).ask('search', { text, most }, signal);
  const find = project.db.prepare(`SELECT file FROM image WHERE id = ?`).pluck();
  return Array.from(ids, (image) => ({
    image,
    key: keyText(project.id, image),
    file: String(find.get(image) ?? ''),
  }));
}
