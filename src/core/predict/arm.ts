import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { ArmName } from '../../contract/run-files.ts';
import type { Project } from '../db/open.ts';
import { readResults } from '../runs/results-file.ts';
import type { StoredRun } from '../runs/rows.ts';

/**
 * The arm that is applied: the one asked for, else the one the user chose, else what the results say, else, after a
 * collapse, the plain one.
 * @throws AppError `run.noModel`, `run.noResults`
 */
export async function armOf(
  { db }: Project,
  run: StoredRun,
  runFolder: string,
  wanted: ArmName | undefined,
): Promise<ArmName> {
  if (run.kind !== 'one-click' && run.kind !== 'finetune') {
    throw new AppError('run.noModel', { run: run.id, arm: wanted ?? 'plain' });
  }
  if (run.state === 'finished') {
    const chosen = db.prepare<[string], ArmName | null>(`SELECT chosen FROM run WHERE id = ?`).pluck().get(run.id);
    return wanted ?? chosen ?? (await readResults(runFolder, run)).deployed;
  }
  const plainIsThere = run.state === 'stopped' && existsSync(join(runFolder, 'models', 'deploy-plain-0.safetensors'));
  if (plainIsThere && wanted !== 'adapted') return 'plain';
  throw new AppError('run.noModel', { run: run.id, arm: wanted ?? 'plain' });
}
