import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { resultsSchema, type Results } from '../../contract/results.ts';
import type { StoredRun } from './rows.ts';

/** Adds what the engine cannot know: working time without pauses, and what was changed against the options. */
export const completed = (results: Results, run: StoredRun): Results => ({
  ...results,
  seconds: run.seconds,
  notes: [...results.notes, ...run.startedWith.notes],
});

/**
 * The results of a run, as the engine wrote them.
 * @throws AppError `run.noResults`
 */
export async function readResults(runFolder: string, run: StoredRun): Promise<Results> {
  if (run.state !== 'finished') throw new AppError('run.noResults', { run: run.id, state: run.state });
  try {
    return completed(resultsSchema.parse(JSON.parse(await readFile(join(runFolder, 'scores.json'), 'utf8'))), run);
  } catch (cause) {
    throw new AppError('run.noResults', { run: run.id, state: run.state }, { cause });
  }
}
