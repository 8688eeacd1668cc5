import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { engineCalls, type EngineCalls } from '../../../../src/contract/engine-calls.ts';
import { AppError } from '../../../../src/contract/errors.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import type { HeldColumns, Temperatures, Unlike } from '../../../../src/contract/run-files.ts';
import { generator } from '../../../../src/engine/data/random.ts';
import { evaluateRun } from '../../../../src/engine/evaluate/evaluate.ts';
import { gatherPieces } from '../../../../src/engine/jobs/library-features.ts';
import { openRun } from '../../../../src/engine/jobs/run-folder.ts';
import { writeSafetensors } from '../../../../src/engine/weights/safetensors.ts';
import type { CallContext, CallOptions, Client, Handlers } from '../../../../src/rpc/types.ts';

export type CallName = keyof EngineCalls & string;
export interface SampleEngine extends Client<EngineCalls> {
  /** Calls that did work, in order: what was finished before is not named. */
  readonly worked: string[];
  /** Looks at every call before it works; may throw, or wait for the abort. */
  before: (name: CallName, input: Record<string, unknown>, signal: AbortSignal | undefined) => void | Promise<void>;
  collapses: boolean;
  /** Probability that an arm is right. */
  right: Record<'plain' | 'adapted', number>;
  /** What tells images unlike the training images, and which it tells: of two, the one with the higher id is farther. */
  unlike: Unlike | null;
  isUnlike: (image: number) => boolean;
}

const plain = {
  features: 4,
  norm: 'batch',
  side: 224,
  sideStep: 1,
  weights: null,
  sha256: null,
  licence: null,
} as const;

/**
 * Stands for the engine's process: writes the files of a run folder as the jobs do, without computing anything, and
 * like them does nothing twice. Scores are computed by the real `evaluate`.
 */
export function sampleEngine(): SampleEngine {
  const worked: string[] = [];
  const once = async (file: string, name: string, write: () => Promise<unknown>): Promise<void> => {
    if (existsSync(file)) return;
    await mkdir(dirname(file), { recursive: true });
    await write();
    worked.push(name);
  };
  const scalar = { x: { shape: [1], dtype: 'float32' as const, data: new Float32Array(1) } };
  const predictions = (ids: readonly number[], classes: number, right: number, seed: number) => {
    const random = generator(seed, 'predictions');
    // In this double the true class of image n is known to be the one the sample project gave it.
    const data = new Float32Array(ids.length * classes).fill(0.2 / (classes - 1));
    ids.forEach((id, row) => {
      const truth = (id - 1) % classes;
      const called = random.uniform(1)[0]! < right ? truth : (truth + 1) % classes;
      data[row * classes + called] = 0.8;
    });
    return {
      ids: { shape: [ids.length], dtype: 'int32' as const, data: Int32Array.from(ids) },
      probabilities: { shape: [ids.length, classes], dtype: 'float32' as const, data },
    };
  };
  const context: CallContext = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };
  const unused = (): Promise<never> => Promise.reject(new Error('not part of this double'));
  const handlers: Handlers<EngineCalls> = {
    'weights.import': unused,
    'job.features': unused,
    'job.export': unused,
    'job.why': unused,
    'model.open': unused,
    'model.predict': unused,
    'job.episodes': unused,
    'machine.describe': unused,
    'machine.time': async () => ({
      provider: 'cpu',
      adaptImagesPerSecond: 10,
      embedImagesPerSecond: 100,
      finetuneImagesPerSecond: 10,
      compileSeconds: 1,
    }),
    'machine.needs': async () => ({ memoryBytes: 1e6, stateBytes: 1e5, backboneBytes: 1e5 }),
    'catalogue.list': async () => ({
      backbones: [
        { ...plain, name: 'efficientnet-lite0', family: 'lite', weights: 'x', sha256: 'ab' },
        { ...plain, name: 'resnet18', family: 'resnet' },
      ],
      methods: [
        {
          name: 'vicreg',
          summary: '',
          settings: { learningRate: 5e-4 },
          declared: { learningRate: { gloss: 'Top rate.', range: [0, 1e-2] } },
          batch: 8,
          epochs: 4,
        },
      ],
      regimes: [{ name: 'probe', summary: '' }],
      views: [{ name: 'any-orientation', summary: '' }],
    }),
    'job.prepare': async ({ runFolder }) => {
      await once(join(runFolder, 'prepared.json'), 'prepare', () => writeFile(join(runFolder, 'prepared.json'), '{}'));
      return { decoded: 0, cached: 0, failed: [] };
    },
    'job.adapt': async ({ runFolder, seed }) => {
      const stem = join(runFolder, 'adapt', `seed-${seed}`);
      await once(`${stem}.safetensors`, `adapt ${seed}`, async () => {
        await writeFile(`${stem}.json`, JSON.stringify({ imagesPerSecond: 50, idleShare: 0.25, monitor: [] }));
        await writeSafetensors(`${stem}.safetensors`, scalar);
      });
      return {
        outcome: engine.collapses ? 'collapsed' : 'finished',
        sha256: `hash ${seed}`,
        imagesPerSecond: 50,
        idleShare: 0.25,
        monitor: [],
      };
    },
    'job.embed': async ({ runFolder, arm, seed }) => {
      const { manifest } = await openRun(runFolder);
      const ids = Int32Array.from(new Set([...manifest.training.map(({ image }) => image), ...manifest.check]));
      const file = join(runFolder, 'features', `${arm}-${seed}.safetensors`);
      const features = { shape: [ids.length, 2], dtype: 'float32' as const, data: new Float32Array(ids.length * 2) };
      await once(file, `embed ${arm} ${seed}`, () =>
        writeSafetensors(file, {
          ids: { shape: [ids.length], dtype: 'int32', data: ids },
          features,
          mean: { shape: [2], dtype: 'float32', data: new Float32Array(2) },
        }),
      );
      return { images: ids.length, imagesPerSecond: 100 };
    },
    'job.embedPiece': async ({ runFolder, arm, seed, piece, images }) => {
      const { paths } = await openRun(runFolder);
      const ids = Int32Array.from(images, ({ id }) => id);
      const features = { shape: [ids.length, 2], dtype: 'float32' as const, data: new Float32Array(ids.length * 2) };
      const file = paths.piece(arm, seed, piece);
      await once(file, `embed piece ${arm} ${piece}: ${images.length}`, () =>
        writeSafetensors(file, { ids: { shape: [ids.length], dtype: 'int32', data: ids }, features }),
      );
      return { images: ids.length, imagesPerSecond: 100 };
    },
    'job.gather': async ({ runFolder, arm, seed, pieces }) => ({
      images: await gatherPieces(await openRun(runFolder), arm, seed, pieces),
    }),
    'job.finetune': async ({ runFolder, arm, seed, draw }) => {
      const { manifest, spec, paths } = await openRun(runFolder);
      const file = paths.predictions(arm, seed, draw);
      const ids = manifest.draws[draw]?.score ?? manifest.check;
      // The same cell always comes out the same; the arms differ in how often they are right.
      const cell = spec.seed * 1000 + draw * 10 + seed;
      const said = (right: number) => predictions(ids, manifest.classes.length, right, cell);
      const regime = { regime: 'probe' };
      await once(file, `finetune ${arm} ${seed} ${draw}`, async () => {
        await writeSafetensors(file, said(engine.right[arm]), regime);
        // Columns bring this double a fifth more.
        if (manifest.columns) {
          await writeSafetensors(paths.withoutColumns(arm, seed, draw), said(engine.right[arm] - 0.2), regime);
        }
      });
      return { regime: 'probe' };
    },
    'job.calibrate': async ({ runFolder, arm }) => {
      const { manifest, paths } = await openRun(runFolder);
      const fitted = { temperature: 2, labels: manifest.training.length };
      const temperatures: Temperatures = { version: 1, draws: manifest.draws.map(() => fitted), applied: fitted };
      const file = paths.temperatures(arm);
      await once(file, `calibrate ${arm}`, () => writeFile(file, JSON.stringify(temperatures)));
      return temperatures;
    },
    'job.columns': async ({ runFolder, arm }) => {
      const { manifest, paths } = await openRun(runFolder);
      const held: HeldColumns = {
        version: 1,
        columns: (manifest.reportBy ?? []).map(({ column, values }) => ({
          column,
          rows: [...new Set(values.map(({ value }) => value))].sort().map((value) => ({
            value,
            labels: values.filter((each) => each.value === value).length,
            without: 1,
            with: 2,
            difference: { mean: -0.1, ci: [-0.2, 0] as [number, number] },
          })),
        })),
      };
      await mkdir(dirname(paths.heldColumns(arm)), { recursive: true });
      await writeFile(paths.heldColumns(arm), JSON.stringify(held));
      return held;
    },
    'job.curve': async () => ({ steps: 0 }),
    'job.deploy': async ({ runFolder, arm }) => {
      const file = join(runFolder, 'models', `deploy-${arm}-0.safetensors`);
      await once(file, `deploy ${arm}`, () => writeSafetensors(file, scalar));
      return { files: [file] };
    },
    'job.predict': async ({ runFolder, images, out }) => {
      const { manifest } = await openRun(runFolder);
      const [lost, ...rest] = images;
      const ids = rest.map(({ id }) => id);
      const { unlike } = engine;
      const distances = Float32Array.from(ids, (id) => (engine.isUnlike(id) ? 1 + id / 1e6 : 0.5));
      await writeSafetensors(out, {
        ...predictions(ids, manifest.classes.length, 1, 1),
        ...(unlike?.limit && { distances: { shape: [ids.length], dtype: 'float32', data: distances } }),
      });
      return {
        images: rest.length,
        failed: lost ? [{ image: lost.id, code: 'missing' }] : [],
        imagesPerSecond: 10,
        unlike,
      };
    },
    evaluate: async ({ runFolder, checkLabels }) => {
      worked.push('evaluate');
      return evaluateRun(runFolder, checkLabels);
    },
  };
  const engine: SampleEngine = {
    worked,
    before: () => {},
    collapses: false,
    right: { plain: 0.6, adapted: 0.95 },
    unlike: { version: 1, labels: 60, limit: 0.4, usual: { share: 0.04, images: 60 } },
    isUnlike: () => false,
    async call(name, input, options: CallOptions = {}) {
      const parsed = engineCalls[name].input.parse(input) as never;
      await engine.before(name, parsed, options.signal);
      if (options.signal?.aborted) throw new AppError('call.cancelled');
      const output = await handlers[name](parsed, context);
      options.onProgress?.({ stage: name, fraction: 1, rate: 10 });
      return engineCalls[name].output.parse(output) as never;
    },
    on: () => () => {},
    close: () => {},
  };
  return engine;
}

/** Resolves when the signal is aborted; then throws as a cancelled call does. */
export const untilAborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(new AppError('call.cancelled'));
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
