import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Batch } from '../../contract/calls/apply.ts';
import { AppError } from '../../contract/errors.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { actOf } from '../labels/acts.ts';
import { writeBatch } from '../labels/log.ts';
import { assertSighted, sight } from '../labels/visibility.ts';
import { boardOf, changed } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { imagesAt } from '../views/held.ts';
import { batchInfo, findBatch, listBatches, type StoredBatch } from './batches.ts';
import { countsByGroup } from './counts.ts';
import { thresholdCurve } from './curve.ts';
import { Naming } from './naming.ts';

type ApplyCalls = Pick<
  CoreCalls,
  | 'apply.begin'
  | 'apply.cancel'
  | 'apply.list'
  | 'apply.get'
  | 'apply.confirm'
  | 'apply.threshold'
  | 'apply.curve'
  | 'apply.close'
  | 'apply.counts'
>;

export function handlers(context: CoreContext): Handlers<ApplyCalls> {
  const naming = new Naming(context);
  /** A blind rater sees nothing of what a model made of the labels of others. */
  const opened = async (ref: string, rater: string): Promise<Project> => {
    const project = await projectOf(ref);
    assertSighted(project.db, rater);
    return project;
  };
  const at = async (input: { project: string; rater: string; batch: number }) => {
    const project = await opened(input.project, input.rater);
    return { project, batch: findBatch(project.db, input.batch) };
  };
  const changedBatch = ({ db, id }: Project, { id: batch }: StoredBatch, sql: string, ...values: unknown[]): Batch => {
    transact(db, () => db.prepare(`UPDATE batch SET ${sql} WHERE id = ?`).run(...values, batch));
    changed(id);
    const info = batchInfo(db, findBatch(db, batch));
    context.emit('batch.changed', { project: id, batch: info });
    return info;
  };

  return {
    'apply.begin': async ({ project: ref, rater, run, arm, folder }) => {
      const project = await opened(ref, rater);
      return batchInfo(project.db, await naming.begin(project, { run, arm, folder, rater }));
    },
    'apply.cancel': async (input) => {
      const { project, batch } = await at(input);
      naming.cancel(project, batch.id);
      return batchInfo(project.db, findBatch(project.db, batch.id));
    },
    'apply.list': async ({ project: ref, rater }) => {
      const project = await projectOf(ref, { readOnly: true });
      if (sight(project.db, rater).blind) return { batches: [] };
      if (!project.readOnly) naming.settle(project);
      return { batches: listBatches(project.db).map((batch) => batchInfo(project.db, batch)) };
    },
    'apply.get': async (input) => {
      const { project, batch } = await at(input);
      return batchInfo(project.db, batch);
    },
    'apply.confirm': async ({ target, ...input }) => {
      const { project, batch } = await at(input);
      const { db, id } = project;
      const images = 'images' in target ? target.images : imagesAt(project, input.rater, target.view, target.ranges);
      const called = db
        .prepare<[number, number], number>(`SELECT class FROM prediction WHERE batch = ? AND image = ?`)
        .pluck();
      const changes = [...new Set(images)].flatMap((image) => {
        const index = called.get(batch.id, image);
        return index === undefined ? [] : [{ image, kind: 'confirm' as const, class: batch.classes[index]! }];
      });
      if (changes.length === 0) throw new AppError('labels.unknownImage', { image: images[0] ?? 0 });
      const written = writeBatch(db, { rater: input.rater, kind: 'set', changes });
      const act = actOf(db, written.batch, written.seq);
      changed(id);
      context.emit('labels.changed', {
        project: id,
        seq: boardOf(id).seq,
        images: act.images <= 1000 ? act.ids : null,
      });
      naming.tell(project, batch.id);
      return act;
    },
    'apply.threshold': async ({ threshold, class: name, ...input }) => {
      const { project, batch } = await at(input);
      if (name === null) return changedBatch(project, batch, 'threshold = ?', threshold);
      const { [name]: _, ...others } = batch.thresholds;
      const thresholds = threshold === null ? others : { ...others, [name]: threshold };
      return changedBatch(project, batch, 'thresholds = ?', JSON.stringify(thresholds));
    },
    'apply.curve': async (input) => {
      const { project, batch } = await at(input);
      return thresholdCurve(project, batch);
    },
    'apply.close': async ({ closed, ...input }) => {
      const { project, batch } = await at(input);
      return changedBatch(project, batch, 'closed = ?', closed ? 1 : 0);
    },
    'apply.counts': async (input) => {
      const { project, batch } = await at(input);
      return countsByGroup(project, batch);
    },
  };
}
