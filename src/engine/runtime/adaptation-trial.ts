import { recordSideOf } from '../../contract/run-files.ts';
import { viewPreset } from '../augment/presets.ts';
import { initialise } from '../backbones/initialise.ts';
import { backbone } from '../backbones/registry.ts';
import { generator } from '../data/random.ts';
import { adaptProgram } from '../methods/program.ts';
import { method, settingsOf } from '../methods/registry.ts';
import type { Trial } from './self-test-programs.ts';

const BATCH = 32;
const SIZE = 96;

/** One step of the adaptation that is recommended, on random weights and images: its speed is the same. */
export function adaptationTrial(): Trial {
  const net = backbone('efficientnet-lite0');
  const recommended = method('vicreg');
  const recordSide = recordSideOf(SIZE);
  const views = viewPreset('any-orientation');
  const context = { backbone: net, settings: settingsOf(recommended, {}), batch: BATCH, recordSide, size: SIZE, views };
  const program = adaptProgram(recommended.objective(context), context);
  const random = generator(1, 'adaptation-trial');
  const state = program.initialState(initialise(net, random), random);
  const pixels = random.uniform(BATCH * recordSide * recordSide * 3);
  const batch = {
    images: {
      shape: [BATCH, recordSide, recordSide, 3],
      dtype: 'uint8' as const,
      data: Uint8Array.from(pixels, (value) => 256 * value),
    },
    boxes: {
      shape: [BATCH, 4],
      dtype: 'float32' as const,
      data: Float32Array.from({ length: 4 * BATCH }, (_, i) => Number(i % 4 > 1)),
    },
  };
  const hyper = program.hyper({ step: 100, stepsPerEpoch: 10, epochs: 100 });
  return { program, state, inputs: { batch, hyper, random: program.random(random) } };
}
