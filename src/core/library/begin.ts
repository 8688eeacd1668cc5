import type { ImportInput } from '../../contract/library.ts';
import { AppError, type ErrorShape } from '../../contract/errors.ts';
import { createImagePool } from '../../images/pool.ts';
import type { CoreContext } from '../context.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { boardOf, setScanning } from '../projects/board.ts';
import { coalesce } from '../projects/coalesce.ts';
import { prepareImport, runImport, type Prepared } from './import.ts';
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
  const last = new Map<string, Promise<unknown>>();
  const failures = new Map<string, ErrorShape>();
  const tell = coalesce(tellMs, (project) => emit('library.changed', { project, seq: boardOf(project).seq }));

  const start = async (project: Project, input: ImportInput | null): Promise<{ done: Promise<ReadCounts> }> => {
    const { id, db } = project;
    const stop = new AbortController();
    project.onClose(() => stop.abort(new AppError('call.cancelled')));
    failures.delete(id);
    setScanning(id, { stage: 'import', fraction: 0 });
    try {
      const prepared = await prepareImport(project, input, stop.signal);
      transact(db, () => writeSetting(db, unfinishedKey, true));
      return { done: finish(project, prepared, stop.signal) };
    } catch (error) {
      setScanning(id, null);
      throw error;
    }
  };
  const finish = async (project: Project, prepared: Prepared, signal: AbortSignal): Promise<ReadCounts> => {
    const { id, db } = project;
    const pool = createImagePool({ background: true });
    try {
      const counts = await runImport(project, prepared, {
        pool,
        signal,
        progress: (progress) => setScanning(id, progress),
        written: () => tell(id),
      });
      transact(db, () => writeSetting(db, unfinishedKey, false));
      return counts;
    } catch (error) {
      failures.set(id, AppError.from(error).toShape());
      throw error;
    } finally {
      pool.close();
      setScanning(id, null);
      tell(id);
    }
  };

  const begin: Imports['begin'] = (project, input) => {
    const { id } = project;
    const earlier = last.get(id) ?? Promise.resolve();
    const started = earlier.then(() => start(project, input));
    // Whoever began it may be gone; the failure is kept. The next one waits for the end, whatever it was.
    const ended = started.then(({ done }) => done).catch(() => {});
    last.set(id, ended);
    void ended.then(() => {
      if (last.get(id) === ended) last.delete(id);
    });
    return started;
  };

  return {
    begin,
    goOn: (project) => {
      if (project.readOnly || last.has(project.id) || readSetting(project.db, unfinishedKey) !== true) return;
      begin(project, null).catch((error: unknown) => {
        failures.set(project.id, AppError.from(error).toShape());
      });
    },
    failure: (project) => failures.get(project) ?? null,
  };
}
