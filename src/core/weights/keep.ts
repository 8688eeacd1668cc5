import { copyFile, link, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { importRecords, projectWeightsFolder, userWeightsFolder } from '../../files/weights-folder.ts';
import { appendAudit } from '../audit/log.ts';
import { orDiskFull, transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';

/**
 * Keeps the weights a run names with the project, where they were imported: the run can then be taken up and read
 * after they are removed from the user's folder, or on another computer. Files of weights are written whole and never
 * changed, so both folders can share them on one disk.
 * @throws AppError `weights.format`, `project.diskFull`
 */
export async function keepWeights({ db, folder }: Project, sha256: string): Promise<void> {
  const kept = projectWeightsFolder(folder);
  if ((await importRecords([kept])).some((record) => record.sha256 === sha256)) return;
  const [record] = (await importRecords([userWeightsFolder()])).filter((entry) => entry.sha256 === sha256);
  if (!record) return;
  const { backbone, file, licence, source, path } = record;
  try {
    await mkdir(kept, { recursive: true, mode: 0o700 });
    for (const suffix of ['.safetensors', '.json']) {
      const [from, to] = [path, join(kept, file)].map((each) => each.replace(/\.safetensors$/, suffix));
      await link(from!, to!).catch(() => copyFile(from!, to!));
    }
  } catch (error) {
    throw orDiskFull(error);
  }
  transact(db, () => appendAudit(db, 'weights', { backbone, sha256, licence, source }));
}
