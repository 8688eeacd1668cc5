import type { EngineCalls } from '../../contract/engine-calls.ts';
import type { Needs } from '../../contract/machine.ts';
import { recordSideOf } from '../../contract/run-files.ts';
import type { InputOf } from '../../rpc/types.ts';
import { viewPreset } from '../augment/presets.ts';
import { bytesOf, peakBytes } from '../compile/peak.ts';
import { trace } from '../compile/trace.ts';
import { method, settingsOf } from '../methods/registry.ts';
import type { Program } from '../nn/types.ts';
import { finetuneProgram } from '../regimes/programs/finetune.ts';
import { FINETUNE_BATCH } from '../regimes/registry.ts';
import { elements } from '../runtime/host.ts';
import { phasesOf, type Phase } from './phases.ts';
import type { EngineServices } from './services.ts';

/** A process of the engine before its first step, with ONNX Runtime and TF.js. */
const PROCESS_BYTES = 300e6;
/**
 * What a step takes over the values of its program, and how often its state is there: as ONNX Runtime takes it, the
 * result beside it, and as it was read and is saved. Together with the process within a third of what the steps of
 * all methods took on Lite0 (`bench/results/methods.json`); more than a step takes where there is little to compute
 * and much state.
 */
const ACTIVATIONS = 1.15;
const STATES = 3.5;
/** Classes and passes hardly matter to memory. */
const CLASSES = 8;
const EPOCHS = 12;

/** Images, at this side, whose step is traced at once: tracing makes the constants of a program. */
const TRACED = { images: 32, side: 224, least: 4 };

const stateBytesOf = ({ signature }: Program): number =>
  Object.values(signature.state).reduce((sum, spec) => sum + bytesOf(spec), 0);

/** Bytes of a step of so many images: traced, or on the line through two steps of fewer. */
function stepBytes(programOf: (batch: number) => Program, batch: number, size: number): number {
  const peakOf = (program: Program): number => peakBytes(trace(program));
  const most = Math.max(TRACED.least, Math.floor(TRACED.images * Math.min(1, TRACED.side / size) ** 2));
  const some = Math.min(batch, most);
  const program = programOf(some);
  const peak = peakOf(program);
  const half = Math.floor(some / 2);
  const further = batch > some ? ((batch - some) * (peak - peakOf(programOf(half)))) / (some - half) : 0;
  return PROCESS_BYTES + ACTIVATIONS * (peak + further) + STATES * stateBytesOf(program);
}

/**
 * What a run takes of memory and disk, from the programs it would compute: nothing is computed.
 * @throws AppError `method.…`, `views.unknown`, `backbone.…` as the run itself
 */
export async function needsOf(services: EngineServices, input: InputOf<EngineCalls, 'machine.needs'>): Promise<Needs> {
  const { size, batch, regimes } = input;
  const backbone = services.backbone(input.backbone);
  const chosen = method(input.method.name);
  const views = viewPreset(input.views);
  const shape = { backbone, size, recordSide: recordSideOf(size), views };
  const settings = settingsOf(chosen, input.method.settings);
  const backboneOf = (name: string) => services.backbone(name);
  const phases = (images: number) => phasesOf(chosen, { ...shape, settings, batch: images, backboneOf }, EPOCHS);
  const adapting = phases(TRACED.least);
  const tuned = (images: number): Program =>
    finetuneProgram({ ...shape, statistics: 'frozen', classes: CLASSES, batch: images, trains: 'all' });
  const steps = adapting.map((_, phase) =>
    stepBytes((images) => (phases(images)[phase] as Phase).program, batch, size),
  );
  if (regimes.some((regime) => regime !== 'probe')) steps.push(stepBytes(tuned, FINETUNE_BATCH, size));
  return {
    memoryBytes: Math.max(...steps),
    stateBytes: Math.max(...adapting.map(({ program }) => stateBytesOf(program))),
    backboneBytes: backbone.params.reduce((sum, param) => sum + 4 * elements(param.shape), 0),
  };
}
