import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import type { ArmName } from '../../contract/run-files.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';
import { throwDiskFull, writeWhole } from '../../files/whole.ts';
import type { Project } from '../db/open.ts';

/** Where a map lies: beside its run, and made again when it was cleared. */
export interface MapFiles {
  /** What is known of it; there when the map is whole. */
  readonly about: string;
  readonly points: string;
  /** Features of images while it is made. */
  readonly features: string;
}

/** Points of a map, in its order. */
export interface Points {
  readonly ids: Int32Array;
  /** [n, 2], within −1..1. */
  readonly places: Float32Array;
  readonly clusters: Uint8Array;
}
const pointBytes = 4 + 8 + 1;

const aboutSchema = z.object({
  version: z.literal(1),
  images: z.int(),
  fitted: z.int(),
  madeAt: z.iso.datetime(),
  clusters: z.array(z.object({ images: z.int(), x: z.number(), y: z.number(), examples: z.array(z.int()) })),
});
export type AboutMap = z.infer<typeof aboutSchema>;

/** @throws AppError `run.unknown` where it can be no run's name */
export function mapFiles({ paths }: Pick<Project, 'paths'>, run: string, arm: ArmName): MapFiles {
  if (!/^[a-z0-9-]+$/.test(run)) throw new AppError('run.unknown', { run });
  const folder = join(paths.runs, run, 'map');
  return {
    about: join(folder, `${arm}.json`),
    points: join(folder, `${arm}.points`),
    features: join(folder, `${arm}.features`),
  };
}

/** Null where the map was not made. @throws AppError `job.run-folder` */
export const readAbout = async ({ about }: MapFiles): Promise<AboutMap | null> =>
  existsSync(about) ? readRunJson(about, aboutSchema) : null;

/** @throws AppError `disk.full` */
export async function writeMap(files: MapFiles, about: AboutMap, { ids, places, clusters }: Points): Promise<void> {
  await mkdir(dirname(files.points), { recursive: true, mode: 0o700 }).catch(throwDiskFull);
  // What is said of the points before must not be said of these.
  await rm(files.about, { force: true });
  await writeWhole(files.points, [ids, places, clusters].map(bytesOf)).catch(throwDiskFull);
  await writeRunJson(files.about, about);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export function readPoints(file: string): Points {
  const data = new Uint8Array(readFileSync(file)).buffer;
  const count = Math.floor(data.byteLength / pointBytes);
  return {
    ids: new Int32Array(data, 0, count),
    places: new Float32Array(data, 4 * count, 2 * count),
    clusters: new Uint8Array(data, 12 * count, count),
  };
}

/** Part of the points as they travel. @throws AppError `map.none` */
export async function readBytes(
  file: string,
  from: number,
  most: number,
): Promise<{ ids: Uint8Array; places: Uint8Array; clusters: Uint8Array }> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new AppError('map.none', { run: '' }, { cause });
  });
  try {
    const all = Math.floor((await handle.stat()).size / pointBytes);
    const count = Math.max(0, Math.min(most, all - from));
    const read = async (section: number, width: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(count * width);
      if (count > 0) await handle.read(bytes, 0, bytes.length, section * all + from * width);
      return bytes;
    };
    return { ids: await read(0, 4), places: await read(4, 8), clusters: await read(12, 1) };
  } finally {
    await handle.close();
  }
}
