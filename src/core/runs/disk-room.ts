import { join } from 'node:path';
import type { Project } from '../db/open.ts';
import { bytesOf } from '../storage/sizes.ts';
import { diskBytes, savedPointBytes, workloadOf } from './estimate.ts';
import { readSpecification } from './specification.ts';

/** Bytes a run still wants on a disk that was full, and what can be cleared of its project and is made again. */
export async function diskRoom({ paths }: Project, run: string): Promise<{ needed: number; clearable: number }> {
  const folder = join(paths.runs, run);
  const [cache, thumbnails, there] = await Promise.all([paths.cache, paths.thumbnails, folder].map(bytesOf));
  const specification = await readSpecification(folder).catch(() => null);
  const whole = specification
    ? diskBytes(workloadOf(specification.manifest, specification.spec), specification.spec)
    : savedPointBytes;
  return { needed: Math.max(savedPointBytes, whole - cache! - there!), clearable: cache! + thumbnails! };
}
