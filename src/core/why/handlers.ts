import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { ManifestImage } from '../../contract/run-files.ts';
import type { Handlers } from '../../rpc/types.ts';
import { withColumns } from '../columns/columns.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { assertSighted, awaitsOwnWord } from '../labels/visibility.ts';
import { imagePath, type ImagePlace } from '../library/paths.ts';
import { armOf } from '../predict/arm.ts';
import { boardOf } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { readScored } from '../results/scored.ts';
import { findRun } from '../runs/rows.ts';
import { readSpecification } from '../runs/specification.ts';
import { readUserSettings } from '../settings/user.ts';
import { keyText } from '../thumbnails/keys.ts';

export function handlers({ engine }: Pick<CoreContext, 'engine'>): Handlers<Pick<CoreCalls, 'images.why'>> {
  return {
    'images.why': async (
      { project: ref, rater, run: id, arm: asked, image: imageId, class: named },
      { signal, progress },
    ) => {
      const project = await projectOf(ref);
      assertSighted(project.db, rater);
      const run = findRun(project.db, id);
      const runFolder = join(project.paths.runs, run.id);
      const arm = await armOf(project, run, runFolder, asked);
      const specification = await readSpecification(runFolder);
      if (!specification) throw new AppError('run.noModel', { run: run.id, arm });
      if (isShipped(project, run.id)) throw new AppError('why.shipped');
      await assertMayBeTold(project, rater, run.id, imageId);
      const busy = boardOf(project.id).run;
      if (busy) throw new AppError('run.busy', { run: busy.id });
      const { classes, columns = [] } = specification.manifest;
      const image = await imageOf(project, imageId);
      const [whole] = withColumns(project.db, columns, [image]);
      const { device } = readUserSettings();
      // The arm that is not applied is trained on all labels only when it is asked for.
      if (!existsSync(join(runFolder, 'models', `deploy-${arm}-0.safetensors`))) {
        await engine.call('job.deploy', { runFolder, device, arm }, { signal, onProgress: progress });
      }
      const { near, ...why } = await engine.call(
        'job.why',
        { runFolder, device, arm, image: whole ?? image, class: named },
        { signal, onProgress: progress },
      );
      return {
        ...why,
        run: run.id,
        arm,
        classes: classes.map(({ name }) => name),
        near: near.map((each) => ({ ...each, key: keyText(project.id, each.image) })),
      };
    },
  };
}

const isShipped = ({ db }: Project, run: string): boolean =>
  db.prepare<[string], number>(`SELECT shipped FROM run WHERE id = ?`).pluck().get(run) === 1;

/**
 * What a model sees in a check image must not reach whoever is still to say what it is. Where a run was scored on it,
 * its results show what it was called anyway.
 * @throws AppError `why.ownWord`
 */
async function assertMayBeTold(project: Project, rater: string, run: string, image: number): Promise<void> {
  if (!awaitsOwnWord(project.db, rater, image)) return;
  const scored = await readScored(project, run).catch(() => []);
  if (!scored.some((each) => each.image === image)) throw new AppError('why.ownWord');
}

/** @throws AppError `image.unknown`, `why.unreadable` */
async function imageOf({ db }: Project, id: number): Promise<ManifestImage> {
  const row = db
    .prepare<[number], ImagePlace & { hash: string | null; page: number; state: string; reason: string | null }>(
      `SELECT role, batch, file, hash, page, state, failure_reason AS reason FROM image WHERE id = ?`,
    )
    .get(id);
  if (!row) throw new AppError('image.unknown', { image: id });
  const { hash, page } = row;
  if (hash === null) throw new AppError('why.unreadable', { reason: row.reason ?? row.state });
  return { id, path: await imagePath(db, row), hash, ...(page > 0 ? { page } : {}) };
}
