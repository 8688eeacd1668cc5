import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ImportInput, Look } from '../../../contract/library.ts';
import { recordSideOf } from '../../../contract/run-files.ts';
import type { ImagePool } from '../../../images/pool.ts';
import type { ImageFacts } from '../../../images/types.ts';
import { networkFileSystem, resolvedPath } from '../../db/file-system.ts';
import { openForReading } from '../../db/reading.ts';
import { knownProjects } from '../../projects/known.ts';
import { defaultSize } from '../../runs/settings.ts';
import { defaultProjects } from '../../settings/places.ts';
import { previewKey } from '../../thumbnails/previews.ts';
import { importFolders } from '../import.ts';
import { readImportSetting } from '../paths.ts';
import { inThread } from '../thread.ts';
import { pictureWarnings } from './warnings.ts';

/** Side from which on an image loses its small things when it is looked at as a whole. */
const largeSide = 1500;
/** A row of the catalogue, a thumbnail, and the run that follows. */
const bytesPerRow = 1000;
const bytesPerThumb = 12_000;
const bytesPerRun = 200_000_000;

type LookInput = Omit<ImportInput, 'project'> & { project?: string | undefined };

/**
 * What an import would find. Reads names and tables, and opens a sample of the images; writes nothing.
 * @throws AppError `folder.missing`, `folder.overlap`, `folder.unreadable`, `labels.*`, `groups.*`
 */
export async function lookAt(input: LookInput, pool: ImagePool, signal: AbortSignal): Promise<Look> {
  const { folder } = importFolders(input);
  const {
    sample: files,
    unreadable: known,
    ...facts
  } = await inThread(
    'folder',
    {
      folder,
      labels: input.labels === undefined ? null : resolve(input.labels),
      columns: Object.fromEntries(Object.entries(input.columns ?? {}).filter(([, name]) => name !== undefined)),
      groups: input.groups ?? null,
      reportBy: input.reportBy ?? [],
      layout: input.layout ?? null,
      folders: input.folders ?? {},
    },
    signal,
  );
  const sources = files.map((file) => ({ path: join(folder, file) }));
  const sample: Look['sample'] = [];
  const unreadable = [...known];
  const opened: ImageFacts[] = [];
  for await (const outcome of pool.inspectMany(sources, { signal })) {
    const file = files[outcome.index] as string;
    if (outcome.ok) {
      const { width, height, bits } = outcome.value;
      opened.push(outcome.value);
      sample.push({ file, key: previewKey(join(folder, file)), width, height, bits });
    } else unreadable.push({ file, bytes: 0, code: outcome.code, reason: outcome.reason });
  }
  const place = new Map(files.map((file, i) => [file, i]));
  sample.sort((a, b) => (place.get(a.file) ?? 0) - (place.get(b.file) ?? 0));
  return {
    folder,
    ...facts,
    warnings: [...facts.warnings, ...pictureWarnings(opened)],
    sample,
    unreadable,
    size: commonestSize(sample),
    project: projectPlace(input, folder, facts.images),
    existing: existingProject(folder),
  };
}

function commonestSize(sample: Look['sample']): Look['size'] {
  const counts = new Map<string, { size: Look['sample'][number]; count: number }>();
  for (const size of sample) {
    const key = `${size.width}×${size.height}×${size.bits}`;
    const entry = counts.get(key) ?? { size, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  const [first] = [...counts.values()].sort((a, b) => b.count - a.count);
  if (!first) return null;
  const { width, height, bits } = first.size;
  return { width, height, bits, seenAt: defaultSize, tooLarge: Math.max(width, height) >= largeSide };
}

function projectPlace(input: LookInput, folder: string, images: number): Look['project'] {
  const name = input.name ?? basename(folder);
  const place = input.project === undefined ? freePlace(join(defaultProjects(), name)) : resolve(input.project);
  const there = nearest(resolvedPath(place));
  const { bavail, bsize } = statfsSync(there);
  const record = recordSideOf(defaultSize) ** 2 * 3;
  return {
    folder: place,
    name,
    needsBytes: images * (record + bytesPerRow + bytesPerThumb) + bytesPerRun,
    freeBytes: bavail * bsize,
    network: networkFileSystem(there) !== null,
  };
}

/** A folder of that name that holds nothing yet. */
function freePlace(wanted: string): string {
  for (let number = 1; ; number++) {
    const place = number === 1 ? wanted : `${wanted} ${number}`;
    if (!existsSync(place) || isEmptyFolder(place)) return place;
  }
}

function isEmptyFolder(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false;
  }
}

const nearest = (path: string): string => (existsSync(path) || dirname(path) === path ? path : nearest(dirname(path)));

/** Id of a project of exactly this folder, among those opened on this computer. */
function existingProject(folder: string): string | null {
  for (const known of knownProjects()) {
    const database = join(known.folder, 'project.db');
    if (!existsSync(database)) continue;
    try {
      const db = openForReading(database);
      try {
        if (readImportSetting(db)?.folder === folder) return known.id;
      } finally {
        db.close();
      }
    } catch {
      // A project that cannot be opened is told when it is opened.
    }
  }
  return null;
}
