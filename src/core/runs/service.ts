import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { projectWeightsFolder, userWeightsFolder } from '../../files/weights-folder.ts';
import type { Needs, Speed } from '../../contract/machine.ts';
import type { Results } from '../../contract/results.ts';
import type { ArmName } from '../../contract/run-files.ts';
import type { RunOptions, RunRow } from '../../contract/runs.ts';
import type { CallContext } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { changed, setRun } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { splitVersion } from '../splits/assign.ts';
import { checkLabels, Evaluation } from '../splits/check-labels.ts';
import { learnableImages } from '../splits/sides.ts';
import { keepWeights } from '../weights/keep.ts';
import { adaptedBackbone, takeAdaptation, withAdaptationOf, type EarlierRun } from './adaptation.ts';
import { epochsWithin, nominalSpeed, stageSeconds, workloadOf } from './estimate.ts';
import { libraryPieces } from './library-pieces.ts';
import { conduct, type AdaptSpeed } from './one-click.ts';
import type { Wish } from './request.ts';
import { takeKnown } from './known.ts';
import { smallerThan } from './memory.ts';
import { completed, readResults } from './results-file.ts';
import { sameAs } from './same-run.ts';
import { aboutOf, summaryOf } from './about.ts';
import { assertCanBegin } from './begin.ts';
import { healthOfRun } from './health.ts';
import {
  addNote,
  changeState,
  comparing,
  findRun,
  insertRun,
  listRuns,
  newRunId,
  publicRow,
  runsOfThisVersion,
  settleInterrupted,
  tellTaken,
  type StoredRun,
} from './rows.ts';
import { Runner, type Ended } from './runner.ts';
import { settingsOf, type Catalogue, type Settings } from './settings.ts';
import { isActive, resumableStates } from './states.ts';
import {
  readSpecification,
  specify,
  writeSpecification,
  type RunIdentity,
  type Specification,
} from './specification.ts';
import { readUserSettings } from '../settings/user.ts';

/** Other programs come and go; until then a timing tells the same as a new one. */
const timingHoldsMs = 60_000;

/** Who waits for a run: aborting pauses it. */
type Work = Pick<CallContext, 'signal' | 'progress'>;
interface More {
  /** Run whose adaptation is used instead of a new one. */
  readonly from?: StoredRun;
}

type Check = (specification: Specification, needs: Needs) => void;

export interface RunEnd {
  readonly run: string;
  readonly outcome: Ended['outcome'];
  readonly results: Results | null;
  /** Of the adapted backbones, one per seed. */
  readonly sha256: readonly string[];
  readonly speed: readonly AdaptSpeed[];
}

/** Makes and carries out the runs of a project. One per process: it knows which runs are under way. */
export class RunService {
  readonly #context: CoreContext;
  readonly #runner = new Runner();
  /** Runs that nobody waits for. */
  readonly #working = new Map<string, Promise<void>>();
  /** Rows whose files are being written or read: nothing works on them yet, and no dead process left them. */
  readonly #starting = new Set<string>();
  readonly #timings = new Map<string, { at: number; speed: Promise<Speed> }>();
  readonly #needs = new Map<string, Promise<Needs>>();

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** The project for writing. Runs a dead process left behind are settled first. */
  async project(folder: string): Promise<Project> {
    const project = await projectOf(folder);
    settleInterrupted(project.db, this.#alive(project));
    return project;
  }

  #alive({ db, id }: Project): Set<string> {
    const starting = [...this.#starting].filter((key) => key.startsWith(`${id} `));
    return new Set([...this.#runner.alive(db), ...starting.map((key) => key.slice(id.length + 1))]);
  }

  runFolder = (project: Project, id: string): string => join(project.paths.runs, id);

  /** Asks a run of this process to stop; null where this process does not work on it. */
  want(project: Project, id: string, wish: Wish): StoredRun | null {
    return this.#runner.want(project.db, id, wish);
  }

  /**
   * What the options come to: settings with the passes that fit the budget, and notes on what was changed.
   * Times the engine only where a budget must be kept.
   */
  async settle(
    project: Project,
    kind: RunRow['kind'],
    options: RunOptions,
  ): Promise<{ settings: Settings; notes: string[] }> {
    const settings = settingsOf(options, await this.catalogue(project), learnableImages(project));
    const { budgetSeconds } = options;
    if (budgetSeconds === undefined) return { settings, notes: [] };
    const { manifest } = specify(project, { id: 'plan', kind, createdAt: new Date().toISOString() }, settings);
    const speed = await this.time(settings);
    const epochs = epochsWithin(budgetSeconds, workloadOf(manifest, settings), settings, speed);
    if (epochs === settings.adapt.epochs) return { settings, notes: [] };
    return {
      settings: { ...settings, adapt: { ...settings.adapt, epochs } },
      notes: [
        `Shortened to ${epochs} pass${epochs === 1 ? '' : 'es'} instead of ${settings.adapt.epochs}, to end in about ${Math.round(budgetSeconds)} seconds on this computer.`,
      ],
    };
  }

  /** How fast this computer is. Plans that differ in what is done, not in a step of it, are timed once. */
  time({ backbone, method, size, adapt, engine }: Settings): Promise<Speed> {
    const { device } = readUserSettings();
    const input = { backbone: backbone.name, method: method.name, size, batch: adapt.batch, engine, device };
    const key = JSON.stringify(input);
    const known = this.#timings.get(key);
    if (known && Date.now() - known.at < timingHoldsMs) return known.speed;
    const timing = { at: Date.now(), speed: this.#context.engine.call('machine.time', input) };
    this.#timings.set(key, timing);
    timing.speed.catch(() => this.#timings.delete(key));
    return timing.speed;
  }

  /** What a run of these settings takes, by its programs: it stays so. */
  needs({ backbone, method, views, size, adapt, regimes }: Settings): Promise<Needs> {
    const input = { backbone: backbone.name, method, views, size, batch: adapt.batch, regimes };
    const key = JSON.stringify(input);
    const known = this.#needs.get(key) ?? this.#context.engine.call('machine.needs', input);
    this.#needs.set(key, known);
    known.catch(() => this.#needs.delete(key));
    return known;
  }

  /**
   * Makes a run, row first, and carries it out.
   * @param from run whose adaptation is used instead of a new one
   */
  async start(kind: RunRow['kind'], options: RunOptions, call: Work, more: More = {}): Promise<RunEnd> {
    const { project, run } = await this.#make(kind, options, more);
    return this.execute(project, run, call);
  }

  /**
   * A run that does this with this data: the results of the one that is finished, or the one that was stopped gone on
   * with, or a new one.
   * @returns also whether the results were there already
   */
  async cell(
    options: RunOptions,
    from: StoredRun | undefined,
    call: Work,
  ): Promise<Pick<RunEnd, 'run' | 'outcome' | 'results'> & { readonly known: boolean }> {
    const project = await this.project(options.project);
    const kind = from ? 'finetune' : 'one-click';
    const more = from ? { from } : {};
    const { specification } = await this.#specified(project, kind, options, { ...more, id: () => 'plan' });
    const isSame = sameAs(specification);
    for (const run of listRuns(project.db)) {
      if (run.kind === 'adapt' || run.kind === 'embed') continue;
      const { id, state } = run;
      const folder = this.runFolder(project, id);
      if (!(await isSame(folder))) continue;
      if (state === 'finished')
        return { run: id, outcome: 'finished', results: await readResults(folder, run), known: true };
      if (state === 'stopped') return { run: id, outcome: 'collapsed', results: null, known: true };
      if (resumableStates.includes(state)) return { ...(await this.execute(project, run, call)), known: false };
    }
    return { ...(await this.start(kind, options, call, more)), known: false };
  }

  /** Makes a run and answers when it runs; it goes on when whoever asked is gone. How it ends, its row tells. */
  async begin(kind: RunRow['kind'], options: RunOptions, more: More = {}): Promise<StoredRun> {
    const { project, run } = await this.#make(kind, options, more, assertCanBegin);
    return this.carryOn(project, run);
  }

  /** Carries a run out for nobody in particular. Resolves with its row as soon as it runs. */
  carryOn(project: Project, run: StoredRun): Promise<StoredRun> {
    const nobody: Work = { signal: new AbortController().signal, progress: () => {} };
    return new Promise((resolve, reject) => {
      const working = this.execute(project, run, nobody, { onState: resolve }).then(() => {}, reject);
      this.#working.set(run.id, working);
      void working.then(() => this.#working.delete(run.id));
    });
  }

  /**
   * Stops the adaptation of a run at a saved point, and goes on to train and check with what was learned so far: with
   * the seeds that have begun, and the passes they made.
   */
  async keep(project: Project, id: string): Promise<StoredRun> {
    this.want(project, id, 'pause');
    await this.#working.get(id);
    const run = findRun(project.db, id);
    if (run.state !== 'paused') return run;
    const folder = this.runFolder(project, id);
    const specification = await readSpecification(folder);
    if (!specification) return run;
    const { monitor } = await healthOfRun(folder);
    const begun = monitor.filter((rows) => rows.length > 0);
    const { adapt } = specification.spec;
    const epochs = Math.min(adapt.epochs, ...begun.map((rows) => rows.at(-1)!.epoch));
    const shortened = { ...adapt, seeds: Math.max(1, begun.length), epochs: begun.length > 0 ? epochs : 0 };
    await writeSpecification(folder, { ...specification, spec: { ...specification.spec, adapt: shortened } });
    addNote(project.db, id, `Adapting was stopped by hand after pass ${shortened.epochs} of ${adapt.epochs}.`);
    return this.carryOn(project, run);
  }

  /** What there is memory enough for instead. */
  async smaller(project: Project, settings: Settings): Promise<{ batch: number; size: number }> {
    const { methods } = await this.catalogue(project);
    const usual = methods.find(({ name }) => name === settings.method.name)?.batch ?? settings.adapt.batch;
    return smallerThan(settings, usual, (smaller) => this.needs(smaller));
  }

  catalogue(project: Project): Promise<Catalogue> {
    const weightsFolders = [projectWeightsFolder(project.folder), userWeightsFolder()];
    return this.#context.engine.call('catalogue.list', { weightsFolders });
  }

  /** What a run of these options does, and with which data. `id` is asked for when the rest is settled. */
  async #specified(
    project: Project,
    kind: RunRow['kind'],
    options: RunOptions,
    { from, id, check }: Pick<More, 'from'> & { readonly id: () => string; readonly check?: Check },
  ): Promise<{ identity: RunIdentity; base: RunOptions; notes: string[]; specification: Specification }> {
    const base = from ? inherited(from.startedWith.options, options) : options;
    const { settings, notes } = await this.settle(project, kind, base);
    const needs = check && (await this.needs(settings));
    const createdAt = new Date().toISOString();
    const identity = { id: id(), kind, createdAt };
    const own = specify(project, identity, settings);
    if (needs) check?.(own, needs);
    const specification = from ? await withAdaptationOf(this.earlier(project, from.id), kind, own) : own;
    return { identity, base, notes, specification };
  }

  earlier = (project: Project, id: string): EarlierRun => ({ id, folder: this.runFolder(project, id) });

  async #make(
    kind: RunRow['kind'],
    options: RunOptions,
    { from }: More,
    check?: Check,
  ): Promise<{ project: Project; run: StoredRun }> {
    const project = await this.project(options.project);
    const busy = [...this.#alive(project)][0];
    if (busy !== undefined) throw new AppError('run.busy', { run: busy });
    const id = (): string => newRunId(project.db);
    const { identity, base, notes, specification } = await this.#specified(project, kind, options, {
      ...(from ? { from } : {}),
      id,
      ...(check ? { check } : {}),
    });
    const starting = `${project.id} ${identity.id}`;
    this.#starting.add(starting);
    const about = {
      ...aboutOf(specification),
      ...(kind === 'embed' && { images: libraryPieces(project).images }),
    };
    const run = insertRun(project.db, {
      ...identity,
      summary: summaryOf(kind, about),
      about,
      options: base,
      notes,
      split: splitVersion(project.db),
      labels: specification.manifest.training.length + specification.manifest.check.length,
    });
    this.#tell(project, run);
    try {
      await keepWeights(project, specification.spec.backbone.weightsSha256);
      await writeSpecification(this.runFolder(project, run.id), specification);
      if (from) takeAdaptation(this.earlier(project, from.id), this.runFolder(project, run.id), specification);
    } catch (error) {
      const { message, code } = AppError.from(error);
      this.#starting.delete(starting);
      this.#tell(project, changeState(project.db, run.id, 'failed', { error: message, errorCode: code }));
      throw error;
    }
    return { project, run };
  }

  /** Carries out a run that is planned, or was paused, interrupted, cancelled or failed. */
  async execute(
    project: Project,
    run: StoredRun,
    call: Work,
    { onState }: { onState?(run: StoredRun): void } = {},
  ): Promise<RunEnd> {
    const { id, kind } = run;
    const runFolder = this.runFolder(project, id);
    const { spec, manifest } = await this.#specificationOf(project, run, runFolder);
    const { protocol, ...rest } = spec;
    const { shots = null, fraction = null, draws } = protocol;
    const columns = manifest.columns?.map(({ name }) => name) ?? [];
    const settings: Settings = { ...rest, shots, fraction, draws, columns, leaveOut: [] };
    const library = kind === 'embed' ? { ...libraryPieces(project), arm: armIn(runFolder) } : null;
    const ofRun = workloadOf(manifest, settings);
    const workload = library ? { ...ofRun, images: library.images, labelled: library.images } : ofRun;
    const { outcome, ending } = await this.#runner.execute({
      db: project.db,
      id,
      runFolder,
      caller: call.signal,
      onState: (changed) => {
        this.#tell(project, changed);
        onState?.(changed);
      },
      onProgress: (progress) => {
        call.progress(progress);
        setRun(project.id, { id, progress });
        this.#context.emit('run.progress', { project: project.id, run: id, progress });
      },
      work: (signal, report) =>
        conduct({
          kind,
          engine: this.#context.engine,
          runFolder,
          spec,
          draws: manifest.draws.length,
          ...(library && { library }),
          stages: stageSeconds(kind, workload, settings, nominalSpeed),
          signal,
          report,
          prepared: () => this.#takeKnown(project, run, { spec, manifest }),
          checkLabels: () => checkLabels(project, manifest, Evaluation.of(id)),
        }),
    });
    const finished = ending.outcome === 'finished' ? ending : null;
    return {
      run: id,
      outcome,
      results:
        outcome === 'finished' && finished?.results ? completed(finished.results, findRun(project.db, id)) : null,
      sha256: finished?.sha256 ?? [],
      speed: finished?.speed ?? [],
    };
  }

  async #takeKnown(project: Project, { id, kind }: StoredRun, specification: Specification): Promise<void> {
    if (!comparing.includes(kind)) return;
    const others = runsOfThisVersion(project.db).filter((run) => run.id !== id);
    const folders = others.map((run) => this.earlier(project, run.id));
    tellTaken(project.db, id, await takeKnown(this.runFolder(project, id), specification, folders));
  }

  async #specificationOf(project: Project, run: StoredRun, runFolder: string): Promise<Specification> {
    try {
      return (await readSpecification(runFolder)) ?? (await this.#specifyAgain(project, run, runFolder));
    } finally {
      this.#starting.delete(`${project.id} ${run.id}`);
    }
  }

  /** A run that ended before its files were written gets them now; nothing was computed yet. */
  async #specifyAgain(project: Project, run: StoredRun, runFolder: string): Promise<Specification> {
    const { settings } = await this.settle(project, run.kind, run.startedWith.options);
    const specification = specify(project, run, settings);
    await keepWeights(project, specification.spec.backbone.weightsSha256);
    await writeSpecification(runFolder, specification);
    return specification;
  }

  /** The named run, or the newest whose adaptation is finished. @throws AppError `run.none`, `run.noModel` */
  adaptedRun(project: Project, id: string | undefined): StoredRun {
    const hasAdaptation = (run: StoredRun): boolean =>
      run.kind !== 'embed' && existsSync(adaptedBackbone(this.runFolder(project, run.id), 0));
    if (id !== undefined) {
      const run = findRun(project.db, id);
      if (!hasAdaptation(run)) throw new AppError('run.noModel', { run: id, arm: 'adapted' });
      return run;
    }
    const found = listRuns(project.db).find(hasAdaptation);
    if (!found) throw new AppError('run.none');
    return found;
  }

  #tell(project: Project, run: StoredRun): void {
    if (isActive(run.state)) changed(project.id);
    else setRun(project.id, null);
    this.#context.emit('run.state', { project: project.id, row: publicRow(run) });
  }
}

/** Whose features are written: of the adaptation that was brought into the folder, where one was. */
const armIn = (runFolder: string): ArmName => (existsSync(adaptedBackbone(runFolder, 0)) ? 'adapted' : 'plain');

/** Options of the run whose adaptation is used, under those given now; its budget was for adapting. */
function inherited({ budgetSeconds: _, ...theirs }: RunOptions, mine: RunOptions): RunOptions {
  const all = { ...theirs, ...mine };
  // Both say how many labels a draw has: one given now takes the place of the other.
  if (mine.shots === undefined && mine.fraction !== undefined) delete all.shots;
  if (mine.fraction === undefined && mine.shots !== undefined) delete all.fraction;
  return all;
}
