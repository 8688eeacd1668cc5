import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { ArmName, ManifestImage } from '../../contract/run-files.ts';
import { createImagePool } from '../../images/pool.ts';
import { appendAudit } from '../audit/log.ts';
import type { CoreContext } from '../context.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { breathe } from '../library/breathe.ts';
import { withColumns } from '../columns/columns.ts';
import { existingFolder } from '../library/import.ts';
import { manifestImage, type ImageFile } from '../library/manifest-image.ts';
import { readImportSetting } from '../library/paths.ts';
import { scanFolder } from '../library/scan.ts';
import { changed } from '../projects/board.ts';
import { coalesce } from '../projects/coalesce.ts';
import { armOf } from '../predict/arm.ts';
import { findRun } from '../runs/rows.ts';
import { readSpecification } from '../runs/specification.ts';
import { readRows, type Rows } from '../runs/tensors.ts';
import { batchInfo, findBatch, listBatches, type StoredBatch } from './batches.ts';
import { readBatchImages } from './batch-images.ts';
import { topTwo } from '../predict/top-two.ts';
import { readUserSettings } from '../settings/user.ts';

/** Review opens at the first of these; later ones are larger, since each costs opening the model. */
const firstChunk = 1000;
const laterChunk = 8192;
const tellMs = 250;

interface Wanted {
  readonly run: string;
  readonly arm: ArmName | undefined;
  readonly folder: string | undefined;
  /** Who asks for it. */
  readonly rater: string;
}

/** Names images by a model: in pieces, so that review can begin early, and for nobody who must wait. */
export class Naming {
  readonly #context: CoreContext;
  readonly #active = new Map<string, AbortController>();
  readonly #tellers = new Map<string, (key: string) => void>();

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Batches that a dead process left behind can be begun again; what was named is kept. */
  settle(project: Project): void {
    for (const batch of listBatches(project.db)) {
      if (batch.state === 'naming' && !this.#active.has(keyOf(project, batch.id))) {
        this.#end(project, batch.id, 'failed', 'It was interrupted; apply again to name the rest.');
      }
    }
  }

  /**
   * Makes a batch, or goes on with the one of the same model and folder, naming only what is missing.
   * @throws AppError `run.unknown`, `run.noModel`, `folder.missing`, `folder.empty`
   */
  async begin(project: Project, { run: id, arm: wanted, folder: other, rater }: Wanted): Promise<StoredBatch> {
    this.settle(project);
    const run = findRun(project.db, id);
    const runFolder = join(project.paths.runs, run.id);
    const arm = await armOf(project, run, runFolder, wanted);
    const specification = await readSpecification(runFolder);
    if (!specification) throw new AppError('run.noModel', { run: run.id, arm });
    const folder = other === undefined ? null : existingFolder(resolve(other));
    if (folder !== null && scanFolder(folder).files.length === 0) throw new AppError('folder.empty', { folder });
    const classes = specification.manifest.classes.map(({ name }) => name);
    const batch = transact(project.db, () => {
      // The newest batch of the project's own images is the applied one: an older model that is applied again is newer.
      const ofFolder = listBatches(project.db).filter((each) => each.folder === folder);
      const candidates = folder === null ? ofFolder.slice(0, 1) : ofFolder;
      const known = candidates.find((each) => each.run === run.id && each.arm === arm);
      if (known?.state === 'naming') return known;
      appendAudit(project.db, 'apply', { run: run.id, arm, other: folder !== null, rater });
      if (known) {
        project.db.prepare(`UPDATE batch SET state = 'naming', error = NULL WHERE id = ?`).run(known.id);
        return findBatch(project.db, known.id);
      }
      const { lastInsertRowid } = project.db
        .prepare(`INSERT INTO batch (run, arm, folder, state, created_at, classes) VALUES (?, ?, ?, 'naming', ?, ?)`)
        .run(run.id, arm, folder, new Date().toISOString(), JSON.stringify(classes));
      return findBatch(project.db, Number(lastInsertRowid));
    });
    const key = keyOf(project, batch.id);
    if (this.#active.has(key)) return batch;
    const abort = new AbortController();
    this.#active.set(key, abort);
    void this.#work(project, batch, runFolder, abort.signal)
      .then(
        () => this.#end(project, batch.id, 'done', null),
        (error: unknown) =>
          abort.signal.aborted
            ? this.#end(project, batch.id, 'cancelled', null)
            : this.#end(project, batch.id, 'failed', AppError.from(error).message),
      )
      .finally(() => this.#active.delete(key));
    return batch;
  }

  cancel(project: Project, batch: number): void {
    this.#active.get(keyOf(project, batch))?.abort(new AppError('call.cancelled'));
  }

  async #work(project: Project, batch: StoredBatch, runFolder: string, signal: AbortSignal): Promise<void> {
    const { engine } = this.#context;
    const { device } = readUserSettings();
    if (batch.folder !== null) await this.#read(project, batch, signal);
    await engine.call('job.deploy', { runFolder, device, arm: batch.arm }, { signal });
    const missing = imagesToName(project, batch);
    const { columns = [] } = (await readSpecification(runFolder))?.manifest ?? {};
    const out = join(project.paths.tmp, `apply-${batch.id}.safetensors`);
    try {
      for (let at = 0; at < missing.length;) {
        signal.throwIfAborted();
        const some = missing.slice(at, at + (at === 0 ? firstChunk : laterChunk));
        const images = withColumns(project.db, columns, some);
        const asked = { runFolder, device, arm: batch.arm, images, out };
        const { unlike } = await engine.call('job.predict', asked, { signal });
        await writePredictions(project, batch.id, await readRows(out));
        project.db.prepare(`UPDATE batch SET unlike = ? WHERE id = ?`).run(unlike && JSON.stringify(unlike), batch.id);
        at += images.length;
        this.tell(project, batch.id);
      }
    } finally {
      rmSync(out, { force: true });
    }
  }

  async #read(project: Project, batch: StoredBatch, signal: AbortSignal): Promise<void> {
    const pool = createImagePool();
    try {
      await readBatchImages(project.db, pool, batch, signal);
    } finally {
      pool.close();
    }
  }

  #end(project: Project, batch: number, state: StoredBatch['state'], error: string | null): void {
    if (!project.db.open) return;
    project.db.prepare(`UPDATE batch SET state = ?, error = ? WHERE id = ?`).run(state, error, batch);
    this.tell(project, batch);
  }

  /** Tells every page how a batch stands, at most four times a second. */
  tell(project: Project, batch: number): void {
    const key = keyOf(project, batch);
    const teller =
      this.#tellers.get(key) ??
      coalesce(tellMs, () => {
        if (!project.db.open) return;
        changed(project.id);
        const info = batchInfo(project.db, findBatch(project.db, batch));
        this.#context.emit('batch.changed', { project: project.id, batch: info });
      });
    this.#tellers.set(key, teller);
    teller(key);
  }
}

const keyOf = ({ id }: Project, batch: number): string => `${id} ${batch}`;

/**
 * Readable images of the batch without a prediction, and those that were named before it was told what is unlike the
 * training images.
 */
function imagesToName({ db }: Project, batch: StoredBatch): ManifestImage[] {
  const setting = readImportSetting(db);
  const canTell = batch.unlike === null || batch.unlike.limit !== null;
  const rows = db
    .prepare<[number, number], ImageFile>(
      `SELECT id, file, hash, page FROM image
       WHERE state = 'ok' AND ${batch.folder === null ? `role = 'main'` : `role = 'batch' AND batch = ${batch.id}`}
         AND id NOT IN (SELECT image FROM prediction WHERE batch = ? AND (? OR distance IS NOT NULL)) ORDER BY id`,
    )
    .all(batch.id, canTell ? 0 : 1);
  return rows.map((row) => manifestImage(batch.folder ?? setting!.folder, row));
}

const rowsAtOnce = 500;

async function writePredictions({ db }: Project, batch: number, rows: Rows): Promise<void> {
  const insert = db.prepare(
    `INSERT INTO prediction (batch, image, class, probability, second, p_second, distance) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (batch, image) DO UPDATE SET class = excluded.class, probability = excluded.probability,
       second = excluded.second, p_second = excluded.p_second, distance = excluded.distance`,
  );
  for (let at = 0; at < rows.ids.length; at += rowsAtOnce) {
    transact(db, () => {
      for (let row = at; row < Math.min(rows.ids.length, at + rowsAtOnce); row++) {
        const values = rows.values.subarray(row * rows.width, (row + 1) * rows.width);
        const [first, second] = topTwo(values);
        const distance = rows.distances?.[row] ?? null;
        insert.run(batch, rows.ids[row]!, first, values[first]!, second, values[second]!, distance);
      }
    });
    await breathe();
  }
}
