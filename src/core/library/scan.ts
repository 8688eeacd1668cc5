import { lstatSync, realpathSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { isInside, resolvedPath } from '../db/file-system.ts';

export interface FoundFile {
  /** Path below the folder, with forward slashes. */
  readonly file: string;
  readonly bytes: number;
  /** Milliseconds. */
  readonly modified: number;
}
export interface Scan {
  /** Sorted by path. */
  readonly files: readonly FoundFile[];
  /** Links that lead out of the folder. Not followed. */
  readonly outside: readonly FoundFile[];
}

/** Written by systems and viewers, never by the user. */
const systemNames =
  /^(\.|~\$|thumbs\.db$|desktop\.ini$|ehthumbs\.db$|__macosx$|\$recycle\.bin$|system volume information$|lost\+found$|@eadir$)/i;

/**
 * Every visible file below a folder. Links are followed where they stay inside and lead to a file.
 * @throws AppError `folder.missing`, `folder.unreadable`
 */
export function scanFolder(folder: string): Scan {
  const files: FoundFile[] = [];
  const outside: FoundFile[] = [];
  const root = resolvedPath(folder);
  const visit = (below: string): void => {
    for (const entry of listing(join(folder, below), below === '')) {
      if (systemNames.test(entry.name)) continue;
      const file = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) visit(file);
      else if (entry.isFile()) pushFile(files, folder, file);
      else if (entry.isSymbolicLink()) visitLink(root, folder, file, files, outside);
    }
  };
  visit('');
  return { files: files.sort(byName), outside: outside.sort(byName) };
}

/** Whether there is anything to look at: ends with the first file. */
export function hasFiles(folder: string): boolean {
  const visit = (below: string): boolean =>
    listing(join(folder, below), below === '').some((entry) => {
      if (systemNames.test(entry.name)) return false;
      return !entry.isDirectory() || visit(below === '' ? entry.name : `${below}/${entry.name}`);
    });
  return visit('');
}

const byName = (a: FoundFile, b: FoundFile): number => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0);

function listing(path: string, isRoot: boolean): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (!isRoot) return [];
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new AppError('folder.missing', { folder: path });
    throw new AppError('folder.unreadable', { folder: path }, { cause: error });
  }
}

function pushFile(files: FoundFile[], folder: string, file: string): void {
  try {
    const stat = statSync(join(folder, file));
    if (stat.isFile()) files.push({ file, bytes: stat.size, modified: stat.mtimeMs });
  } catch {
    // Gone since it was listed.
  }
}

function visitLink(root: string, folder: string, file: string, files: FoundFile[], outside: FoundFile[]): void {
  const path = join(folder, file);
  let target: string | null = null;
  try {
    target = realpathSync(path);
  } catch {
    // Leads to nothing.
  }
  if (target !== null && isInside(target, root)) {
    // A link to a folder inside would show its images twice.
    pushFile(files, folder, file);
    return;
  }
  const stat = lstatSync(path);
  outside.push({ file, bytes: stat.size, modified: stat.mtimeMs });
}

/** Names under which a file that can't be read is worth telling of; others are somebody's notes. */
export const imageNames =
  /\.(jpe?g|jpe|jfif|png|webp|tiff?|gif|bmp|dib|svg|heic|heif|avif|jp2|j2k|jxl|psd|dcm|dicom|svs|ndpi|scn|mrxs|vsi|czi|lif|nd2|oib|oif|ims|qptiff|bif|cr2|nef|arw|dng|raw|exr|hdr|eps|ai|pdf)$/i;
