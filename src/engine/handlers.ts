import type { EngineCalls } from '../contract/engine-calls.ts';
import type { CallContext, Handlers } from '../rpc/types.ts';
import { scoreEpisodes } from './episodes/score.ts';
import { evaluateRun } from './evaluate/evaluate.ts';
import { adapt } from './jobs/adapt.ts';
import { calibrate } from './jobs/calibrate.ts';
import { catalogue } from './jobs/catalogue.ts';
import { createServices } from './jobs/default-services.ts';
import { curve } from './jobs/curve.ts';
import { deploy } from './jobs/deploy.ts';
import { embed } from './jobs/embed.ts';
import { embedPiece, gatherPieces } from './jobs/library-features.ts';
import { exportModel } from './jobs/export-model.ts';
import { writeFeatures } from './jobs/features.ts';
import { finetune } from './jobs/finetune.ts';
import { holdOutColumns } from './jobs/hold-out-columns.ts';
import { withJob, withRecords, type Job, type JobRun } from './jobs/job.ts';
import { predictByFile } from './jobs/predict-by-file.ts';
import { predict } from './jobs/predict.ts';
import { needsOf } from './jobs/needs.ts';
import { prepare } from './jobs/prepare.ts';
import { openRun } from './jobs/run-folder.ts';
import type { EngineServices } from './jobs/services.ts';
import { timeSteps } from './jobs/time.ts';
import { why } from './jobs/why.ts';
import { describeMachine } from './runtime/describe.ts';
import { checkedModelFile } from './runtime/model-file.ts';
import { importWeights } from './weights/import.ts';

const shared = createServices();

/** What core may ask of the engine. Jobs run one after the other: each wants the whole machine. */
export function handlers(services: EngineServices = shared): Handlers<EngineCalls> {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work);
    last = result.catch(() => {});
    return result;
  };
  const job = <T>(run: JobRun, context: CallContext, work: (job: Job) => Promise<T>): Promise<T> =>
    inTurn(() => withJob(services, run, context, work));
  return {
    'machine.describe': (input) => inTurn(() => describeMachine(input)),
    'machine.time': (input) => inTurn(() => timeSteps(services, input)),
    'machine.needs': (input) => needsOf(services, input),
    'catalogue.list': ({ weightsFolders }) => catalogue(weightsFolders),
    'weights.import': ({ file, backbone, folder, ...provenance }, { signal }) =>
      importWeights(file, backbone, folder, provenance, signal),
    'job.prepare': ({ runFolder }, context) =>
      inTurn(() => withRecords(services, runFolder, (run, records) => prepare(run, records, context))),
    'job.adapt': ({ seed, ...run }, context) => job(run, context, (opened) => adapt(opened, seed)),
    'job.embed': ({ arm, seed, ...run }, context) => job(run, context, (opened) => embed(opened, arm, seed)),
    'job.embedPiece': ({ arm, seed, piece, images, ...run }, context) =>
      job(run, context, (opened) => embedPiece(opened, arm, seed, piece, images)),
    'job.gather': async ({ arm, seed, pieces, runFolder }) => ({
      images: await gatherPieces(await openRun(runFolder), arm, seed, pieces),
    }),
    'job.finetune': ({ arm, seed, draw, ...run }, context) =>
      job(run, context, async (opened) => ({ regime: await finetune(opened, arm, seed, draw) })),
    'job.calibrate': ({ arm, ...run }, context) => job(run, context, (opened) => calibrate(opened, arm)),
    'job.curve': ({ arm, ...run }, context) =>
      job(run, context, async (opened) => ({ steps: await curve(opened, arm) })),
    'job.columns': ({ arm, ...run }, context) => job(run, context, (opened) => holdOutColumns(opened, arm)),
    'job.episodes': ({ arm, seed, runFolder, device, ...input }, context) =>
      job({ runFolder, device }, context, (opened) => scoreEpisodes(opened, arm, seed, input)),
    'job.deploy': ({ arm, ...run }, context) =>
      job(run, context, async (opened) => ({ files: await deploy(opened, arm) })),
    'job.predict': ({ arm, images, out, ...run }, context) =>
      job(run, context, (opened) => predict(opened, arm, images, out)),
    'job.why': ({ arm, image, class: named, ...run }, context) =>
      job(run, context, (opened) => why(opened, arm, image, named)),
    'job.export': ({ arm, images, about, out, ...run }, context) =>
      job(run, context, (opened) => exportModel(opened, { arm, images, about, out })),
    'model.open': async ({ file }) => (await checkedModelFile(file)).metadata,
    'model.predict': (input, context) => inTurn(() => predictByFile(services, input, context)),
    'job.features': (input, context) => inTurn(() => writeFeatures(services, input, context)),
    evaluate: ({ runFolder, checkLabels }) => inTurn(() => evaluateRun(runFolder, checkLabels)),
  };
}
