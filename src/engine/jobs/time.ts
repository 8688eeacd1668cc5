import type { EngineCalls } from '../../contract/engine-calls.ts';
import type { Speed } from '../../contract/machine.ts';
import { recordSideOf } from '../../contract/run-files.ts';
import type { InputOf } from '../../rpc/types.ts';
import { viewPresets } from '../augment/presets.ts';
import type { ViewPreset } from '../augment/types.ts';
import { generator } from '../data/random.ts';
import { adaptProgram } from '../methods/program.ts';
import { method, settingsOf } from '../methods/registry.ts';
import type { HostTree, Program, TreeSpec } from '../nn/types.ts';
import { zeros } from '../runtime/host.ts';
import { embedProgram } from '../regimes/programs/embed.ts';
import { finetuneProgram } from '../regimes/programs/finetune.ts';
import { FINETUNE_BATCH } from '../regimes/registry.ts';
import { EMBED_BATCH } from './embedder.ts';
import type { EngineServices } from './services.ts';

/** Steps that are timed, after one that is not. */
const TIMED = 2;
/** Classes of the fine-tuning that is timed; their number hardly matters. */
const CLASSES = 8;

/**
 * Times two steps of adaptation, embedding and fine-tuning on made-up images. Values do not matter to the time: random
 * weights keep the numbers of an untrained network in range.
 */
export async function timeSteps(services: EngineServices, input: InputOf<EngineCalls, 'machine.time'>): Promise<Speed> {
  const { size, batch } = input;
  const backbone = services.backbone(input.backbone);
  const executor = await services.executor(input.engine, input.device);
  const chosen = method(input.method);
  const recordSide = recordSideOf(size);
  const views = viewPresets[0] as ViewPreset;
  const shape = { backbone, recordSide, size };
  const settings = settingsOf(chosen, {});
  const context = { ...shape, settings, batch, views };
  const adapt = adaptProgram(chosen.objective(context), context);
  const finetune = finetuneProgram({
    ...shape,
    statistics: 'frozen',
    classes: CLASSES,
    batch: FINETUNE_BATCH,
    views,
    trains: 'all',
  });
  const embed = embedProgram({ ...shape, batch: EMBED_BATCH, turns: 1 });
  const moment = { step: 9, stepsPerEpoch: 10, epochs: 2 };
  let compileSeconds = 0;

  async function rate(program: Program, images: number, hyper: HostTree, random: HostTree): Promise<number> {
    const begun = performance.now();
    const compiled = await executor.compile(program);
    compileSeconds += (performance.now() - begun) / 1000;
    try {
      await compiled.load(filled(program.signature.state));
      const inputs = { batch: filled(program.signature.batch), hyper, random };
      await compiled.run(inputs);
      const started = performance.now();
      for (let step = 0; step < TIMED; step++) await compiled.run(inputs);
      return (TIMED * images) / ((performance.now() - started) / 1000);
    } finally {
      await compiled.dispose();
    }
  }

  const draw = generator(0, 'timing');
  const adaptImagesPerSecond = await rate(adapt, batch, adapt.hyper(moment), adapt.random(draw));
  const embedImagesPerSecond = await rate(embed, EMBED_BATCH, {}, {});
  const finetuneImagesPerSecond = await rate(finetune, FINETUNE_BATCH, finetune.hyper(moment), finetune.random(draw));
  return {
    provider: executor.name,
    adaptImagesPerSecond,
    embedImagesPerSecond,
    finetuneImagesPerSecond,
    compileSeconds,
  };
}

/** As many random numbers as are repeated: to draw each of millions anew would take longer than what is timed. */
const FILLER = 1021;

/** Small positive values everywhere: variances stay valid and nothing overflows or becomes a denormal. */
function filled(spec: TreeSpec): HostTree {
  const values = generator(0, 'filler').uniform(FILLER);
  const small = values.map((u) => 0.01 + 0.02 * u);
  const bytes = Uint8Array.from(values, (u) => 256 * u);
  return Object.fromEntries(
    Object.entries(spec).map(([name, { shape, dtype }]) => {
      const n = shape.reduce((a, b) => a * b, 1);
      if (dtype === 'float32') return [name, { shape, dtype, data: repeated(small, new Float32Array(n)) }];
      if (dtype === 'uint8') return [name, { shape, dtype, data: repeated(bytes, new Uint8Array(n)) }];
      return [name, zeros({ shape, dtype })];
    }),
  );
}

function repeated<T extends Float32Array | Uint8Array>(pattern: T, data: T): T {
  data.set(pattern.subarray(0, data.length));
  for (let done = pattern.length; done < data.length; done *= 2) data.copyWithin(done, 0, done);
  return data;
}
