import type { ImportInput } from '../../contract/library.ts';
import { AppError, type ErrorShape } from '../../contract/errors.ts';
import { createImagePool } from '../../images/pool.ts';
import type { CoreContext } from '../context.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { boardOf, setScanning } from '../projects/board.ts';
import { coalesce } from '../projects/coalesce.ts';
import { prepareImport, runImport } from './import.ts';
import { readSetting, writeSetting } from './paths.ts';
import type { ReadCounts } from './read.ts';

/** At most four a second: a grid that grows while it is looked at. */
const tellMs = 250;
/** Set while an import is under way, so that one that was cut off is gone on with. */
const unfinishedKey = 'importing';

/** Imports that go on without whoever asked for them: one at a time for each project. */
export interface Imports {
  /**
   * Returns when the input is understood; the images are read afterwards.
   * @param input as `checkImportInput` returned it; null looks again at what was asked the last time
   * @returns the end of it
   */
  begin(project: Project, input: ImportInput | null): Promise<{ readonly done: Promise<ReadCounts> }>;
  /** Goes on with an import that was cut off; does nothing where there is none. */
  goOn(project: Project): void;
  /** Why the last import of a project ended early; null when it did not. */
  failure(project: string): ErrorShape | null;
}

export function createImports(emit: CoreContext['emit']): Imports {
  const running = new Map<string, Promise<ReadCounts>>();
  const failures = new Map<string, ErrorShape>();
  const tell = coalesce(tellMs, (project) => emit('library.changed', { project, seq: boardOf(project).seq }));

  const begin = async (project: Project, input: ImportInput | null): Promise<{ done: Promise<ReadCounts> }> => {
    const { id, db } = project;
    await running.get(id)?.catch(() => {});
    const stop = new AbortController();
    project.onClose(() => stop.abort(new AppError('call.cancelled')));
    failures.delete(id);
    setScanning(id, { stage: 'import', fraction: 0 });
    let done: Promise<ReadCounts>;
    try {
      const prepared = await prepareImport(project, input, stop.signal);
      transact(db, () => writeSetting(db, unfinishedKey, true));
      const pool = createImagePool();
      done = runImport(project, prepared, {
        pool,
        signal: stop.signal,
        progress: (progress) => setScanning(id, progress),
        written: () => tell(id),
      }).finally(() => pool.close());
    } catch (error) {
      setScanning(id, null);
      throw error;
    }
    const ended = done
      .then(
        (counts) => {
          transact(db, () => writeSetting(db, unfinishedKey, false));
          return counts;
        },
        (error: unknown) => {
          failures.set(id, AppError.from(error).toShape());
          throw error;
        },
      )
      .finally(() => {
        running.delete(id);
        setScanning(id, null);
        tell(id);
      });
    running.set(id, ended);
    // Whoever began it may be gone; the failure is kept.
    ended.catch(() => {});
    return { done: ended };
  };

  return {
    begin,
    goOn: (project) => {
      if (project.readOnly || running.has(project.id) || readSetting(project.db, unfinishedKey) !== true) return;
      begin(project, null).catch((error: unknown) => {
        failures.set(project.id, AppError.from(error).toShape());
      });
    },
    failure: (project) => failures.get(project) ?? null,
  };
}
