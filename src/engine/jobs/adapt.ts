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
import { adaptProgram } from '../methods/program.ts';
import type { AdaptContext, AdaptProgram } from '../methods/types.ts';
import type { Moment } from '../optim/schedules.ts';
import type { CompiledProgram, HostTree } from '../nn/types.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import { cellSeed, type Job } from './job.ts';
import { createMeter } from './meter.ts';
import { createMonitor, type Monitor } from './monitor.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';

const SAVE_SECONDS = 60;
/** A step tells images from each other, so it needs at least two. */
const LEAST_BATCH = 2;

export interface Adapted {
  readonly outcome: 'finished' | 'paused' | 'collapsed';
  /** Of the adapted backbone's file; of the saved state where the job was paused. */
  readonly sha256: string;
  readonly imagesPerSecond: number;
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
 * @throws AppError `train.nan`, `disk.full`, `job.image-lost`
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
    monitor: record?.monitor ?? z.array(monitorRowSchema).parse(JSON.parse(metadata['monitor'] ?? '[]')),
  };
}

class Adaptation {
  readonly #job: Job;
  readonly #seed: number;
  readonly #stem: string;
  readonly #points: SavedPoints;
  readonly #monitor: Monitor;
  #context: AdaptContext;
  #sampler: Sampler;
  readonly #rates = new Map<number, number>();
  #notes: string[] = [];
  #notices: RunNotice[] = [];
  #waited = 0;
  #seconds = 0;
  #steps = 0;

  constructor(job: Job, seed: number, stem: string) {
    const { spec } = job.run;
    const chosen = method(spec.method.name);
    this.#job = job;
    this.#seed = cellSeed(spec.seed, seed);
    this.#stem = stem;
    this.#points = new SavedPoints(stem);
    this.#monitor = createMonitor(job);
    this.#sampler = createSampler(job.usable.adapt, spec.adapt.batch, this.#seed);
    this.#context = {
      backbone: job.backbone,
      settings: settingsOf(chosen, spec.method.settings),
      batch: spec.adapt.batch,
      recordSide: spec.recordSide,
      size: spec.size,
      views: viewPreset(spec.views),
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
    const halved = { ...point, batch: to, step: pass * this.#stepsPerEpoch + within, lossSum: point.lossSum * 2 };
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

  /** The program with the backbone's rate times `factor`. */
  #program(factor: number): AdaptProgram {
    const settings = { ...this.#context.settings };
    if (factor !== 1) settings['learningRate'] = Number(settings['learningRate']) * factor;
    const context = { ...this.#context, settings };
    return adaptProgram(method(this.#job.run.spec.method.name).objective(context), context);
  }

  async #start(): Promise<SavedPoint> {
    const program = this.#program(1);
    const state = program.initialState(await this.#job.pretrained(), generator(this.#seed, 'heads'));
    const monitor = [await this.#row(0, null, 0, program.backboneOf(state))];
    const point = { step: 0, state, lossSum: 0, monitor, rateFactor: 1, batch: this.#context.batch };
    await this.#writeRecord('running', point, null);
    return point;
  }

  async #train(
    start: SavedPoint,
  ): Promise<{ outcome: 'finished' | 'paused' | 'collapsed' | 'out-of-range'; point: SavedPoint }> {
    const { epochs } = this.#job.run.spec.adapt;
    const { batch } = this.#context;
    const { signal } = this.#job.context;
    const steps = epochs * this.#stepsPerEpoch;
    const program = this.#program(start.rateFactor);
    const moment = (step: number): Moment => ({ step, stepsPerEpoch: this.#stepsPerEpoch, epochs });
    const meter = createMeter((p) => this.#job.context.progress(p), 'adapt', steps * batch, start.step * batch);
    const reader = this.#reader(start.step, steps);
    let { step, lossSum } = start;
    const monitor = [...start.monitor];
    let state: HostTree | null = start.state;
    let running = null as { compiled: CompiledProgram; held: boolean } | null;
    let saved = performance.now();
    let epochBegan = { steps: this.#steps, seconds: this.#seconds };
    const point = async (): Promise<SavedPoint> => {
      state ??= await (running as { compiled: CompiledProgram }).compiled.read();
      return { step, state, lossSum, monitor, rateFactor: start.rateFactor, batch };
    };
    try {
      while (step < steps) {
        if (signal.aborted) return { outcome: 'paused', point: await this.#save(await point()) };
        const held = program.inWarmUp(moment(step));
        if (running?.held !== held) {
          const before: HostTree = (await point()).state;
          const compiled = await this.#compile(program, held);
          await compiled.load(before);
          running = { compiled, held };
        }
        faultyMemory(batch, this.#job.run.spec.adapt.batch);
        faultyDevice(Math.floor(step / this.#stepsPerEpoch) + 1);
        const begun = performance.now();
        const metrics = await running.compiled.run({
          batch: await reader.next(),
          hyper: program.hyper(moment(step)),
          random: program.random(generator(this.#seed, 'views', step)),
        });
        state = null;
        this.#seconds += (performance.now() - begun) / 1000;
        this.#steps++;
        const passed = Math.floor(step / this.#stepsPerEpoch);
        const loss = faultyLoss(metrics['loss']?.data[0] ?? NaN, passed + 1, start.rateFactor);
        if (!Number.isFinite(loss)) return { outcome: 'out-of-range', point: { ...start, step } };
        lossSum += loss;
        step++;
        const epoch = Math.ceil(step / this.#stepsPerEpoch);
        if (step % this.#stepsPerEpoch === 0) {
          if (!allFinite((await point()).state)) return { outcome: 'out-of-range', point: { ...start, step } };
          this.#rates.set(epoch, ((this.#steps - epochBegan.steps) * batch) / (this.#seconds - epochBegan.seconds));
          epochBegan = { steps: this.#steps, seconds: this.#seconds };
          const rate = program.learningRate(moment(step - 1));
          const backbone = program.backboneOf((await point()).state);
          monitor.push(await this.#row(epoch, lossSum / this.#stepsPerEpoch, rate, backbone));
          lossSum = 0;
          await this.#save(await point());
          await this.#writeRecord('running', await point(), null);
          saved = performance.now();
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
      this.#waited += reader.waited;
      await reader.close();
    }
  }

  #compile(program: AdaptProgram, held: boolean): Promise<CompiledProgram> {
    const { services, executor, run } = this.#job;
    const { settings, batch, recordSide, size, views } = this.#context;
    const key = JSON.stringify([run.spec.method.name, settings, batch, recordSide, size, views.name, held]);
    return services.programs.get(executor, `adapt ${this.#job.backbone.name} ${key}`, () =>
      held ? program.warmUp : program,
    );
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
    const backbone = this.#program(1).backboneOf(point.state);
    const sha256 =
      outcome === 'paused'
        ? hashTree(point.state)
        : await writeSafetensors(`${this.#stem}.safetensors`, backbone, {
            outcome,
            step: String(point.step),
            monitor: JSON.stringify(point.monitor),
            stateSha256: hashTree(point.state),
          });
    const { imagesPerSecond, monitor } = await this.#writeRecord(outcome, point, outcome === 'paused' ? null : sha256);
    if (outcome !== 'paused') await this.#points.clear();
    return { outcome, sha256, imagesPerSecond, monitor };
  }

  /** Rates and notes of earlier sessions. */
  async #readRecord(): Promise<void> {
    const there = await readFile(`${this.#stem}.json`).catch(() => null);
    const record = there ? await readRunJson(`${this.#stem}.json`, recordSchema).catch(() => null) : null;
    for (const { epoch, imagesPerSecond } of record?.monitor ?? [])
      if (imagesPerSecond !== null) this.#rates.set(epoch, imagesPerSecond);
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
      idleShare: this.#seconds > 0 ? Math.min(1, this.#waited / this.#seconds) : 0,
      notes: this.#notes,
      notices: this.#notices,
      monitor: point.monitor.map((row) => ({ ...row, imagesPerSecond: this.#rates.get(row.epoch) ?? null })),
    };
    await writeRunJson(`${this.#stem}.json`, record);
    return record;
  }
}

const allFinite = (state: HostTree): boolean =>
  Object.values(state).every(({ data }) => data.every((value: number) => Number.isFinite(value)));
