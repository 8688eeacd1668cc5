import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { healthOf } from '../../contract/health.ts';
import { monitorRowSchema, runNoticeSchema, type MonitorRow, type RunNotice } from '../../contract/run-files.ts';
import { viewPreset } from '../augment/presets.ts';
import { generator } from '../data/random.ts';
import { createReader, type BatchReader } from '../data/reader.ts';
import { createSampler, type Sampler } from '../data/sampler.ts';
import { hashTree, SavedPoints, type SavedPoint } from '../data/saved-points.ts';
import { method, settingsOf } from '../methods/registry.ts';
import { faultyDevice, faultyDisk, faultyLoss, faultyMemory, faultyRow } from '../fault.ts';
import { signOf } from '../methods/sign.ts';
import type { AdaptContext, Method, Signature } from '../methods/types.ts';
import { withPrefix } from '../nn/tree.ts';
import type { CompiledProgram, HostTree, Program } from '../nn/types.ts';
import { readSafetensors, writeHashedSafetensors } from '../weights/safetensors.ts';
import { begin } from './begin.ts';
import { teacherOf } from './teacher.ts';
import { cellSeed, type Job } from './job.ts';
import { knownLabels } from './known-labels.ts';
import { createMeter } from './meter.ts';
import { createMonitor, type Monitor } from './monitor.ts';
import { momentOf, phaseAt, phasesOf, type Phase } from './phases.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';

const SAVE_SECONDS = 60;
/** A step tells images from each other, so it needs at least two. */
const LEAST_BATCH = 2;

export interface Adapted {
  readonly outcome: 'finished' | 'paused' | 'collapsed';
  /** Of the adapted backbone's file; of the saved state where the job was paused. */
  readonly sha256: string;
  readonly imagesPerSecond: number;
  /** Share of the time in which the engine waited for images. */
  readonly idleShare: number;
  readonly monitor: MonitorRow[];
}

/** What `adapt/seed-<s>.json` holds: for people and for core, and free to differ between runs that compute the same. */
const recordSchema = z.object({
  outcome: z.enum(['running', 'paused', 'finished', 'collapsed']),
  sha256: z.string().nullable(),
  imagesPerSecond: z.number(),
  /** What computed last. Bytes are the same only where all sessions used the same. */
  engine: z.string(),
  /** Share of the time in which the engine waited for images. */
  idleShare: z.number(),
  notes: z.array(z.string()),
  /** What it went on from, by the code of its message. */
  notices: z.array(runNoticeSchema).default([]),
  monitor: z.array(monitorRowSchema),
});
type AdaptRecord = z.infer<typeof recordSchema>;

/**
 * Adapts the backbone with one seed, or goes on where an earlier session stopped. Every number of it follows from the
 * specification, the images and the seed, so however often it is interrupted, the resulting file has the same bytes.
 * With zero epochs that file holds the pretrained backbone.
 *
 * @throws AppError `train.nan`, `disk.full`, `job.image-lost`, `job.no-shared-labels`
 */
export async function adapt(job: Job, seed: number): Promise<Adapted> {
  const stem = job.run.paths.adapt(seed);
  const done = await finished(stem);
  if (done) return done;
  if (job.usable.adapt.length === 0) throw new AppError('job.no-images');
  await mkdir(dirname(stem), { recursive: true, mode: 0o700 });
  return new Adaptation(job, seed, stem).run();
}

/** The result of an earlier session, or null. */
async function finished(stem: string): Promise<Adapted | null> {
  if (!(await stat(`${stem}.safetensors`).catch(() => null))) return null;
  const { metadata, sha256 } = await readSafetensors(`${stem}.safetensors`);
  const record = await readRunJson(`${stem}.json`, recordSchema).catch(() => null);
  return {
    outcome: metadata['outcome'] === 'collapsed' ? 'collapsed' : 'finished',
    sha256,
    imagesPerSecond: record?.imagesPerSecond ?? 0,
    idleShare: record?.idleShare ?? 0,
    monitor: record?.monitor ?? z.array(monitorRowSchema).parse(JSON.parse(metadata['monitor'] ?? '[]')),
  };
}

class Adaptation {
  readonly #job: Job;
  readonly #seed: number;
  readonly #stem: string;
  readonly #points: SavedPoints;
  readonly #monitor: Monitor;
  readonly #method: Method;
  readonly #sign: Signature['sign'];
  #context: AdaptContext;
  #sampler: Sampler;
  readonly #rates = new Map<number, number>();
  #notes: string[] = [];
  #notices: RunNotice[] = [];
  /** Seconds that the engine waited for images, and those of all steps, of this session. */
  #waited = 0;
  #seconds = 0;
  #steps = 0;
  /** What an earlier session told. */
  #idleBefore = 0;

  constructor(job: Job, seed: number, stem: string) {
    const { spec } = job.run;
    this.#method = method(spec.method.name);
    const settings = settingsOf(this.#method, spec.method.settings);
    this.#sign = signOf(this.#method, settings);
    this.#job = job;
    this.#seed = cellSeed(spec.seed, seed);
    this.#stem = stem;
    this.#points = new SavedPoints(stem);
    this.#monitor = createMonitor(job);
    this.#sampler = createSampler(job.usable.adapt, spec.adapt.batch, this.#seed);
    this.#context = {
      backbone: job.backbone,
      settings,
      batch: spec.adapt.batch,
      recordSide: spec.recordSide,
      size: spec.size,
      views: viewPreset(spec.views),
      backboneOf: (name) => job.services.backbone(name),
    };
  }

  async run(): Promise<Adapted> {
    await this.#readRecord();
    let point = await this.#last();
    for (;;) {
      const ended = await this.#train(point).catch((error: unknown) => this.#outOfMemory(error));
      if (ended.outcome === 'out-of-memory') {
        point = await this.#halved(await this.#last());
        continue;
      }
      if (ended.outcome !== 'out-of-range') return this.#finish(ended.outcome, ended.point);
      const pass = Math.floor(ended.point.step / this.#stepsPerEpoch) + 1;
      if (point.rateFactor < 1) throw new AppError('train.nan', { pass });
      point = { ...(await this.#last()), rateFactor: 0.5 };
      this.#notice(
        { code: 'train.nan', params: { pass } },
        `The numbers ran out of range at pass ${pass}, so it went back to the last saved point and continued with smaller steps.`,
      );
      await this.#writeRecord('running', point, null);
    }
  }

  get #stepsPerEpoch(): number {
    return this.#sampler.stepsPerEpoch;
  }

  /** Where to go on from: the last saved point, with as many images at a time as it was made with. */
  async #last(): Promise<SavedPoint> {
    const point = await this.#points.load();
    this.#useBatch(point?.batch ?? this.#context.batch);
    return point ?? (await this.#start());
  }

  #useBatch(batch: number): void {
    if (batch === this.#context.batch) return;
    this.#context = { ...this.#context, batch };
    this.#sampler = createSampler(this.#job.usable.adapt, batch, this.#seed);
  }

  /** @throws the error itself where it is another, or where no fewer images could be taken at a time */
  #outOfMemory(error: unknown): { outcome: 'out-of-memory' } {
    const isMemory = error instanceof AppError && error.code === 'memory.out';
    if (!isMemory || this.#context.batch < 2 * LEAST_BATCH) throw error;
    return { outcome: 'out-of-memory' };
  }

  /** The same point with half as many images at a time, which makes twice as many steps of a pass. */
  async #halved(point: SavedPoint): Promise<SavedPoint> {
    await this.#job.services.programs.drop(`adapt ${this.#job.backbone.name} `);
    const before = this.#stepsPerEpoch;
    const from = point.batch;
    this.#useBatch(Math.floor(from / 2));
    const to = this.#context.batch;
    const pass = Math.floor(point.step / before);
    const within = Math.min(this.#stepsPerEpoch - 1, 2 * (point.step % before));
    const halved = {
      ...point,
      batch: to,
      step: pass * this.#stepsPerEpoch + within,
      lossSum: point.lossSum * 2,
      signSum: point.signSum * 2,
    };
    this.#notice(
      { code: 'memory.out', params: { from, to } },
      `There was not enough memory for ${from} images at a time, so it continued with ${to} from the last saved point.`,
    );
    await this.#points.save(halved);
    await this.#writeRecord('running', halved, null);
    return halved;
  }

  /** Told once: a session that goes on from before it may meet the same again. */
  #notice(notice: RunNotice, note: string): void {
    if (this.#notes.includes(note)) return;
    this.#notices.push(notice);
    this.#notes.push(note);
  }

  /** The trainings of the method with the backbone's rate times `factor`. */
  #phases(factor: number): readonly Phase[] {
    const settings = { ...this.#context.settings };
    if (factor !== 1) settings['learningRate'] = Number(settings['learningRate']) * factor;
    return phasesOf(this.#method, { ...this.#context, settings }, this.#job.run.spec.adapt.epochs);
  }

  async #start(): Promise<SavedPoint> {
    const first = phaseAt(this.#phases(1), 0);
    const state = await this.#begin(first);
    const monitor = [await this.#row(0, null, 0, first.program.backboneOf(state))];
    const point = { step: 0, state, lossSum: 0, signSum: 0, monitor, rateFactor: 1, batch: this.#context.batch };
    await this.#writeRecord('running', point, null);
    return point;
  }

  /**
   * First state of a phase. It follows from the run, the seed and the backbone of the phase before alone; a point that is
   * saved between two phases is of the earlier one, so a resumed run begins the later one again, with the same numbers.
   * @param before what the phase before made of the backbone
   */
  async #begin({ objective, program, from }: Phase, before?: HostTree): Promise<HostTree> {
    const weights = await this.#job.pretrained();
    const settings = this.#context.settings;
    const teacher = before ?? (await teacherOf(this.#job, this.#method, settings)) ?? weights;
    const found = await begin(this.#job, objective, teacher, this.#seed);
    const state = program.initialState(weights, generator(this.#seed, 'heads', from), teacher);
    return { ...state, ...withPrefix(found, 'buffers.') };
  }

  async #train(
    start: SavedPoint,
  ): Promise<{ outcome: 'finished' | 'paused' | 'collapsed' | 'out-of-range'; point: SavedPoint }> {
    const { epochs } = this.#job.run.spec.adapt;
    const { batch } = this.#context;
    const { signal } = this.#job.context;
    const steps = epochs * this.#stepsPerEpoch;
    const phases = this.#phases(start.rateFactor);
    const phaseOf = (step: number): Phase => phaseAt(phases, Math.floor(step / this.#stepsPerEpoch));
    const meter = createMeter((p) => this.#job.context.progress(p), 'adapt', steps * batch, start.step * batch);
    const usesLabels = phases.some(({ program }) => 'labels' in program.signature.batch);
    const labelsOf = usesLabels ? knownLabels(this.#job.usable) : null;
    const reader = this.#reader(start.step, steps);
    const waitedBefore = this.#waited;
    let { step, lossSum, signSum } = start;
    const monitor = [...start.monitor];
    let state: HostTree | null = start.state;
    let running = null as { compiled: CompiledProgram; program: Program } | null;
    let saved = performance.now();
    let epochBegan = { steps: this.#steps, seconds: this.#seconds };
    const point = async (): Promise<SavedPoint> => {
      state ??= await (running as { compiled: CompiledProgram }).compiled.read();
      return { step, state, lossSum, signSum, monitor, rateFactor: start.rateFactor, batch };
    };
    try {
      while (step < steps) {
        if (signal.aborted) return { outcome: 'paused', point: await this.#save(await point()) };
        const phase = phaseOf(step);
        const { program } = phase;
        const moment = momentOf(phase, step, this.#stepsPerEpoch);
        if (step > 0 && moment.step === 0) {
          state = await this.#begin(phase, program.backboneOf((await point()).state));
          running = null;
        }
        const wanted = program.inWarmUp(moment) ? program.warmUp : program;
        if (running?.program !== wanted) {
          const before: HostTree = (await point()).state;
          const compiled = await this.#compile(wanted);
          await compiled.load(before);
          running = { compiled, program: wanted };
        }
        faultyMemory(batch, this.#job.run.spec.adapt.batch);
        faultyDevice(Math.floor(step / this.#stepsPerEpoch) + 1);
        const begun = performance.now();
        const metrics = await running.compiled.run({
          batch: {
            ...(await reader.next()),
            ...(labelsOf &&
              'labels' in program.signature.batch && { labels: labelsOf([...this.#sampler.batch(step)]) }),
          },
          hyper: program.hyper(moment),
          random: program.random(generator(this.#seed, 'views', step)),
        });
        state = null;
        this.#seconds += (performance.now() - begun) / 1000;
        this.#waited = waitedBefore + reader.waited;
        this.#steps++;
        const passed = Math.floor(step / this.#stepsPerEpoch);
        const loss = faultyLoss(metrics['loss']?.data[0] ?? NaN, passed + 1, start.rateFactor);
        if (!Number.isFinite(loss)) return { outcome: 'out-of-range', point: { ...start, step } };
        lossSum += loss;
        // A phase whose steps do not tell the method's sign has none.
        const sign = this.#sign && metrics[this.#sign.metric] ? this.#sign : null;
        if (sign) signSum += metrics[sign.metric]?.data[0] ?? NaN;
        step++;
        const epoch = Math.ceil(step / this.#stepsPerEpoch);
        if (step % this.#stepsPerEpoch === 0) {
          if (!allFinite((await point()).state)) return { outcome: 'out-of-range', point: { ...start, step } };
          this.#rates.set(epoch, ((this.#steps - epochBegan.steps) * batch) / (this.#seconds - epochBegan.seconds));
          epochBegan = { steps: this.#steps, seconds: this.#seconds };
          const rate = program.learningRate(moment);
          const backbone = program.backboneOf((await point()).state);
          const row = await this.#row(epoch, lossSum / this.#stepsPerEpoch, rate, backbone);
          const value = signSum / this.#stepsPerEpoch;
          monitor.push(sign ? { ...row, sign: { value, floor: sign.floor, means: sign.means } } : row);
          lossSum = 0;
          signSum = 0;
          // After the last step the result itself is written next, and no point is needed any more.
          if (step < steps) {
            await this.#save(await point());
            await this.#writeRecord('running', await point(), null);
            saved = performance.now();
          }
          if (healthOf(monitor) === 'collapsed') return { outcome: 'collapsed', point: await point() };
        } else if (performance.now() - saved > SAVE_SECONDS * 1000) {
          if (!allFinite((await point()).state)) return { outcome: 'out-of-range', point: { ...start, step } };
          await this.#save(await point());
          saved = performance.now();
        }
        meter.advance(batch, `pass ${epoch} of ${epochs}`, [epoch, epochs]);
      }
      return { outcome: 'finished', point: await point() };
    } finally {
      await reader.close();
    }
  }

  #compile(program: Program): Promise<CompiledProgram> {
    const { services, executor, run } = this.#job;
    const { settings, batch, recordSide, size, views } = this.#context;
    const key = JSON.stringify([run.spec.method.name, program.name, settings, batch, recordSide, size, views.name]);
    return services.programs.get(executor, 'step', `adapt ${this.#job.backbone.name} ${key}`, () => program);
  }

  #reader(firstStep: number, steps: number): BatchReader {
    const { run, records } = this.#job;
    const { batch } = this.#context;
    const sampler = this.#sampler;
    const imagesOf = (step: number) => [...sampler.batch(step)].map((id) => run.image(id));
    return createReader({ records, imagesOf, batch, firstStep, steps });
  }

  async #save(point: SavedPoint): Promise<SavedPoint> {
    faultyDisk(Math.floor(point.step / this.#stepsPerEpoch));
    await this.#points.save(point);
    return point;
  }

  async #row(epoch: number, loss: number | null, learningRate: number, backbone: HostTree): Promise<MonitorRow> {
    const health = await this.#monitor.look(backbone);
    return faultyRow({ epoch, loss, ...health, learningRate, imagesPerSecond: null });
  }

  async #finish(outcome: 'finished' | 'paused' | 'collapsed', point: SavedPoint): Promise<Adapted> {
    const backbone = phaseAt(this.#phases(1), 0).program.backboneOf(point.state);
    const sha256 =
      outcome === 'paused'
        ? hashTree(point.state)
        : await writeHashedSafetensors(`${this.#stem}.safetensors`, backbone, {
            outcome,
            step: String(point.step),
            monitor: JSON.stringify(point.monitor),
            stateSha256: hashTree(point.state),
          });
    const { imagesPerSecond, idleShare, monitor } = await this.#writeRecord(
      outcome,
      point,
      outcome === 'paused' ? null : sha256,
    );
    if (outcome !== 'paused') await this.#points.clear();
    return { outcome, sha256, imagesPerSecond, idleShare, monitor };
  }

  /** Rates and notes of earlier sessions. */
  async #readRecord(): Promise<void> {
    const there = await readFile(`${this.#stem}.json`).catch(() => null);
    const record = there ? await readRunJson(`${this.#stem}.json`, recordSchema).catch(() => null) : null;
    for (const { epoch, imagesPerSecond } of record?.monitor ?? [])
      if (imagesPerSecond !== null) this.#rates.set(epoch, imagesPerSecond);
    this.#idleBefore = record?.idleShare ?? 0;
    this.#notes = record?.notes ?? [];
    this.#notices = record?.notices ?? [];
    const engine = this.#job.executor.name;
    if (record && record.engine !== engine)
      this.#notes.push(`It was begun on ${record.engine} and continued on ${engine}: the numbers may differ slightly.`);
  }

  async #writeRecord(outcome: AdaptRecord['outcome'], point: SavedPoint, sha256: string | null): Promise<AdaptRecord> {
    const rates = [...this.#rates.values()];
    const images = this.#steps * this.#context.batch;
    const record: AdaptRecord = {
      outcome,
      sha256,
      engine: this.#job.executor.name,
      imagesPerSecond: this.#seconds > 0 ? images / this.#seconds : (rates.at(-1) ?? 0),
      idleShare: this.#seconds > 0 ? Math.min(1, this.#waited / this.#seconds) : this.#idleBefore,
      notes: this.#notes,
      notices: this.#notices,
      monitor: point.monitor.map((row) => ({ ...row, imagesPerSecond: this.#rates.get(row.epoch) ?? null })),
    };
    await writeRunJson(`${this.#stem}.json`, record);
    return record;
  }
}

const allFinite = (state: HostTree): boolean =>
  Object.values(state).every(({ data }) => !(data instanceof Float32Array) || isFinite(data));

/** A plain loop, as a state has tens of millions of numbers: `every` takes many times as long. */
function isFinite(values: Float32Array): boolean {
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at])) return false;
  return true;
}
