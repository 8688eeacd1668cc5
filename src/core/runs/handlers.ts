import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError, type ErrorCode } from '../../contract/errors.ts';
import type { RunRow } from '../../contract/runs.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { keptColumns } from '../columns/columns.ts';
import type { Project } from '../db/open.ts';
import { changed } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { copyOut, outFile } from '../exports/out-file.ts';
import { nominalSpeed } from './estimate.ts';
import { fitsMemory } from './memory.ts';
import { planOf } from './plan.ts';
import { writeRequest, type Wish } from './request.ts';
import { healthOfRun } from './health.ts';
import {
  changeState,
  chooseRun,
  describeRun,
  findRun,
  listRuns,
  publicRow,
  removeRun,
  type StoredRun,
} from './rows.ts';
import { saferOptions } from './safer.ts';
import { rank } from './rank.ts';
import { RunService } from './service.ts';
import { specify } from './specification.ts';
import { countRows } from './tensors.ts';
import { isActive, resumableStates } from './states.ts';

type RunCalls = Pick<
  CoreCalls,
  | 'runs.plan'
  | 'runs.start'
  | 'runs.resume'
  | 'runs.cancel'
  | 'runs.pause'
  | 'runs.list'
  | 'runs.adapt'
  | 'runs.finetune'
  | 'runs.cell'
  | 'runs.rank'
  | 'runs.embed'
  | 'runs.begin'
  | 'runs.safer'
  | 'runs.continue'
  | 'runs.health'
  | 'runs.describe'
  | 'runs.remove'
  | 'catalogue.get'
>;

const onlyLooked: ReadonlySet<ErrorCode> = new Set(['project.locked', 'project.unwritable', 'project.diskFull']);

export function handlers(context: CoreContext): Handlers<RunCalls> {
  const service = new RunService(context);

  /** For writing, or for looking where that cannot be: another process works in it, or its disk takes no more. */
  const projectAtHand = async (folder: string): Promise<Project> => {
    try {
      return await service.project(folder);
    } catch (error) {
      if (!(error instanceof AppError) || !onlyLooked.has(error.code)) throw error;
      return projectOf(folder, { readOnly: true });
    }
  };

  const stop = async (folder: string, id: string | undefined, wish: Wish): Promise<RunRow> => {
    const project = await projectAtHand(folder);
    const run = chooseRun(project.db, id, ({ state }) => isActive(state));
    if (project.readOnly && isActive(run.state)) {
      writeRequest(service.runFolder(project, run.id), wish);
      return publicRow({ ...run, state: wish === 'cancel' ? 'cancel-requested' : 'pausing' });
    }
    const wanted = service.want(project, run.id, wish);
    if (wanted) return publicRow(wanted);
    if (wish === 'cancel' && !project.readOnly && run.state !== 'cancelled' && resumableStates.includes(run.state)) {
      return publicRow(changeState(project.db, run.id, 'cancelled'));
    }
    throw new AppError('run.notActive', { run: run.id, state: run.state });
  };

  const resumable = async (folder: string, id: string | undefined): Promise<{ project: Project; run: StoredRun }> => {
    const project = await service.project(folder);
    const run = chooseRun(project.db, id, ({ state }) => resumableStates.includes(state));
    if (!resumableStates.includes(run.state)) {
      throw new AppError('run.notResumable', { run: run.id, state: run.state });
    }
    return { project, run };
  };

  return {
    'runs.plan': async (options) => {
      const project = await projectAtHand(options.project);
      const { settings, notes } = await service.settle(project, 'one-click', options);
      const createdAt = new Date().toISOString();
      const { manifest, spec } = specify(project, { id: 'plan', kind: 'one-click', createdAt }, settings);
      // A step that does not fit would end the engine: it is not timed, and what fits is told.
      const needs = await service.needs(settings);
      const smaller = fitsMemory(needs) ? null : await service.smaller(project, settings);
      const speed = smaller === null ? await service.time(settings) : nominalSpeed;
      const kept = keptColumns(project.db);
      return planOf(manifest, settings, spec.protocol, speed, needs, project.folder, notes, smaller, kept);
    },
    'runs.start': async (options, call) => {
      const { run, outcome, results } = await service.start('one-click', options, call);
      return { run, outcome, results };
    },
    'runs.begin': async ({ from: id, ...options }) => {
      if (id === undefined) return publicRow(await service.begin('one-click', options));
      const from = service.adaptedRun(await service.project(options.project), id);
      return publicRow(await service.begin('finetune', options, { from }));
    },
    'runs.safer': async ({ project: folder, run: id }) => {
      const project = await service.project(folder);
      const { kind, startedWith } = findRun(project.db, id);
      const options = saferOptions(startedWith.options, await service.catalogue(project));
      return publicRow(await service.begin(kind, { ...options, project: folder }));
    },
    'runs.continue': async ({ project: folder, run: id }) => {
      const { project, run } = await resumable(folder, id);
      return publicRow(await service.carryOn(project, run));
    },
    'runs.health': async ({ project: folder, run }) => {
      const project = await projectAtHand(folder);
      return healthOfRun(service.runFolder(project, findRun(project.db, run).id));
    },
    'runs.describe': async ({ project: folder, run, name, note }) => {
      const { db, id } = await service.project(folder);
      describeRun(db, run, { ...(name !== undefined && { name }), ...(note !== undefined && { note }) });
      changed(id);
      return {};
    },
    'runs.remove': async ({ project: folder, rater, run }) => {
      const project = await service.project(folder);
      removeRun(project.db, run, rater);
      rmSync(service.runFolder(project, run), { recursive: true, force: true });
      changed(project.id);
      return {};
    },
    'catalogue.get': async ({ project: folder }) => service.catalogue(await projectAtHand(folder)),
    'runs.resume': async ({ project: folder, run: id }, call) => {
      const { project, run: found } = await resumable(folder, id);
      const { run, outcome, results } = await service.execute(project, found, call);
      return { run, outcome, results };
    },
    'runs.cancel': async ({ project: folder, run: id, keep }) => {
      if (!keep) return stop(folder, id, 'cancel');
      const project = await service.project(folder);
      const run = chooseRun(project.db, id, ({ state }) => isActive(state));
      return publicRow(await service.keep(project, run.id));
    },
    'runs.pause': ({ project, run, closing }) => stop(project, run, closing ? 'leave' : 'pause'),
    'runs.list': async ({ project: folder }) => {
      const { db } = await projectAtHand(folder);
      return { runs: listRuns(db).map(publicRow) };
    },
    'runs.adapt': async (options, call) => {
      const { run, outcome, sha256, speed } = await service.start('adapt', options, call);
      return { run, outcome, sha256: [...sha256], speed: [...speed] };
    },
    'runs.finetune': async ({ run: id, ...options }, call) => {
      const from = service.adaptedRun(await service.project(options.project), id);
      const { run, results } = await service.start('finetune', options, call, { from });
      return { run, results };
    },
    'runs.cell': async ({ from: id, ...options }, call) => {
      const from = id === undefined ? undefined : service.adaptedRun(await service.project(options.project), id);
      const { run, outcome, results, known } = await service.cell(options, from, call);
      return { run, outcome, results, known };
    },
    'runs.rank': (input, call) => rank(context, service, input, call),
    'runs.embed': async ({ run: id, arm, out, ...options }, call) => {
      const project = await service.project(options.project);
      const target = outFile(project, out);
      const more = arm === 'adapted' ? { from: service.adaptedRun(project, id) } : {};
      const { run, outcome } = await service.start('embed', { ...options, seeds: 1 }, call, more);
      if (outcome !== 'finished') throw new AppError('run.cancelled');
      const features = join(service.runFolder(project, run), 'features', `library-${arm}-0.safetensors`);
      await copyOut(features, target);
      return { images: await countRows(features), out: target };
    },
  };
}
