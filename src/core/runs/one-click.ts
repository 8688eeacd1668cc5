import type { EngineCalls } from '../../contract/engine-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/progress.ts';
import type { Results } from '../../contract/results.ts';
import { armNames, seedsOfDraw, type ArmName, type CheckLabels, type RunSpec } from '../../contract/run-files.ts';
import type { RunRow } from '../../contract/runs.ts';
import type { CallOptions, Client } from '../../rpc/types.ts';
import type { LibraryPieces } from './library-pieces.ts';
import { stageMeter, type Stage } from './stages.ts';
import { readUserSettings } from '../settings/user.ts';

export interface Conduct {
  readonly kind: RunRow['kind'];
  readonly engine: Client<EngineCalls>;
  readonly runFolder: string;
  readonly spec: RunSpec;
  /** Number of draws of the manifest. */
  readonly draws: number;
  /** For kind `embed`: whose features, and of which images. */
  readonly library?: LibraryPieces & { readonly arm: ArmName };
  /** Expected seconds of each stage. */
  readonly stages: readonly Stage[];
  /** Aborted to stop at the next safe point. */
  readonly signal: AbortSignal;
  report(progress: Progress): void;
  /** Called when it is known which images cannot be decoded. */
  prepared(): Promise<void>;
  /** Reads the check labels. Called once, when every prediction is on disk. */
  checkLabels(): CheckLabels;
}

/** How fast one seed was adapted. */
export interface AdaptSpeed {
  readonly imagesPerSecond: number;
  /** Share of the time in which the engine waited for images. */
  readonly idleShare: number;
}

export type Ending =
  | {
      readonly outcome: 'finished';
      readonly results: Results | null;
      readonly sha256: readonly string[];
      readonly speed: readonly AdaptSpeed[];
    }
  | { readonly outcome: 'paused' | 'collapsed' };

/** One call of the engine, and the stage it belongs to. */
interface Step {
  readonly stage: StageName;
  run(options: CallOptions): Promise<'go-on' | 'paused' | 'collapsed'>;
}

export const stageNames = ['prepare', 'adapt', 'train', 'check', 'write'] as const;
export type StageName = (typeof stageNames)[number];

/** Internal: leaves the sequence of steps at a safe point. */
class Halt extends Error {}

/**
 * prepare → adapt, per seed → train with and without, per seed and draw → check → write the model that is applied.
 * Every job of the engine does only what is missing in the run's folder, so the same sequence resumes a run.
 *
 * When an adaptation collapses, the plain arm is still trained and written: it can be applied, but there is nothing
 * to compare.
 */
export async function conduct(work: Conduct): Promise<Ending> {
  const { kind, engine, runFolder, spec, signal, draws } = work;
  const { device } = readUserSettings();
  const meter = stageMeter(work.stages);
  const sha256: string[] = [];
  const speed: AdaptSpeed[] = [];
  let results: Results | null = null;

  const adaptStep = (seed: number): Step => ({
    stage: 'adapt',
    run: async (options) => {
      const adapted = await engine.call('job.adapt', { runFolder, device, seed }, options);
      const { outcome, imagesPerSecond, idleShare } = adapted;
      sha256[seed] = adapted.sha256;
      speed[seed] = { imagesPerSecond, idleShare };
      return outcome === 'finished' ? 'go-on' : outcome;
    },
  });
  const goOn = async (call: Promise<unknown>): Promise<'go-on'> => {
    await call;
    return 'go-on';
  };
  const seeds = numbers(spec.adapt.seeds);
  const prepare: Step = {
    stage: 'prepare',
    run: async (options) => {
      await engine.call('job.prepare', { runFolder }, options);
      await work.prepared();
      return 'go-on';
    },
  };
  const embed = (arm: ArmName, seed: number): Step => ({
    stage: 'train',
    run: (options) => goOn(engine.call('job.embed', { runFolder, device, arm, seed }, options)),
  });
  const embedLibrary = ({ arm, pieces, imagesOf }: LibraryPieces & { readonly arm: ArmName }): Step => ({
    stage: 'train',
    run: async ({ signal, onProgress }) => {
      const cell = { runFolder, device, arm, seed: 0 };
      for (const [at, piece] of pieces.entries()) {
        const within = (progress: Progress): void =>
          onProgress?.({ ...progress, fraction: (at + progress.fraction) / pieces.length });
        const asked = { ...cell, piece, images: imagesOf(piece) };
        await engine.call('job.embedPiece', asked, { ...(signal && { signal }), onProgress: within });
      }
      return goOn(engine.call('job.gather', { ...cell, pieces: [...pieces] }, { ...(signal && { signal }) }));
    },
  });
  const calibrate = (arm: ArmName): Step => ({
    stage: 'train',
    run: (options) => goOn(engine.call('job.calibrate', { runFolder, device, arm }, options)),
  });
  const curve = (arm: ArmName): Step => ({
    stage: 'train',
    run: (options) => goOn(engine.call('job.curve', { runFolder, device, arm }, options)),
  });
  const columns = (arm: ArmName): Step => ({
    stage: 'train',
    run: (options) => goOn(engine.call('job.columns', { runFolder, device, arm }, options)),
  });
  const train = (arm: ArmName): Step[] => [
    ...seeds.flatMap((seed) => [
      embed(arm, seed),
      ...numbers(draws)
        .filter((draw) => seedsOfDraw(spec, draw).includes(seed))
        .map((draw): Step => ({
          stage: 'train',
          run: (options) => goOn(engine.call('job.finetune', { runFolder, device, arm, seed, draw }, options)),
        })),
    ]),
    calibrate(arm),
  ];
  const check: Step = {
    stage: 'check',
    run: async (options) => {
      results = await engine.call('evaluate', { runFolder, checkLabels: work.checkLabels() }, options);
      return 'go-on';
    },
  };
  const write = (arm: () => ArmName): Step => ({
    stage: 'write',
    run: (options) => goOn(engine.call('job.deploy', { runFolder, device, arm: arm() }, options)),
  });

  const perform = async (steps: readonly Step[]): Promise<'done' | 'collapsed'> => {
    const remaining = [...steps];
    while (remaining.length > 0) {
      const step = remaining.shift()!;
      if (signal.aborted) throw new Halt();
      const stage = stageNames.indexOf(step.stage);
      const ofStage = steps.filter((other) => other.stage === step.stage);
      const position = ofStage.indexOf(step);
      const report = (within: Partial<Progress> & { fraction: number }): void =>
        work.report(meter.report(stage, { ...within, fraction: (position + within.fraction) / ofStage.length }));
      report({ fraction: 0 });
      const ended = await step.run({ signal, onProgress: report });
      if (ended === 'paused') throw new Halt();
      if (ended === 'collapsed') return 'collapsed';
      report({ fraction: 1 });
    }
    return 'done';
  };

  const sequence: Readonly<Record<RunRow['kind'], readonly Step[]>> = {
    adapt: [prepare, ...seeds.map(adaptStep)],
    embed: [prepare, ...(work.library ? [embed(work.library.arm, 0), embedLibrary(work.library)] : [])],
    finetune: oneClick(),
    'one-click': oneClick(),
  };
  function oneClick(): Step[] {
    const trained = armNames.flatMap((arm) => [...train(arm), curve(arm), columns(arm)]);
    return [prepare, ...seeds.map(adaptStep), ...trained, check, write(() => results?.deployed ?? 'plain')];
  }

  try {
    if ((await perform(sequence[kind])) === 'collapsed') {
      if (kind === 'one-click' || kind === 'finetune') await perform([...train('plain'), write(() => 'plain')]);
      return { outcome: 'collapsed' };
    }
  } catch (error) {
    if (error instanceof Halt || (signal.aborted && isCancelled(error))) return { outcome: 'paused' };
    throw error;
  }
  return { outcome: 'finished', results, sha256, speed };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const isCancelled = (error: unknown): boolean =>
  error instanceof AppError && (error.code === 'call.cancelled' || error.code === 'run.cancelled');
