import { z } from 'zod';
import { importInputSchema, librarySummarySchema } from './library.ts';
import { machineSchema } from './machine.ts';
import { progressSchema } from './progress.ts';
import { resultsSchema } from './results.ts';
import { recentProjectSchema } from './recent.ts';
import { planSchema, predictionSummarySchema, runOptionsSchema, runRowSchema } from './runs.ts';
import { armSchema } from './run-files.ts';
import { importedWeightsSchema, weightsImportSchema } from './weights.ts';

const project = z.object({ project: z.string() });
const projectRun = project.extend({ run: z.string().optional() });

/** Every call of a shell (window, browser, terminal) to core. */
/** How the work on a run ended. */
const runOutcomeSchema = z.enum(['finished', 'paused', 'cancelled', 'collapsed']);

export const coreCalls = {
  'recent.list': { input: z.object({}), output: z.object({ projects: z.array(recentProjectSchema) }) },
  /** Puts a project first in the list, or takes it off. The files of the project stay as they are. */
  'recent.note': { input: project.extend({ keep: z.boolean() }), output: z.object({}) },
  'library.import': { input: importInputSchema, output: librarySummarySchema },
  'library.summary': { input: project, output: librarySummarySchema },
  'labels.set': {
    input: project.extend({
      rater: z.string(),
      images: z.array(z.int()).min(1),
      value: z.union([
        z.object({ class: z.string() }),
        z.object({ mark: z.enum(['none', 'unsure', 'skip', 'clear']) }),
      ]),
    }),
    output: z.object({ seq: z.int() }),
  },
  'labels.note': {
    input: project.extend({ rater: z.string(), image: z.int(), text: z.string() }),
    output: z.object({ seq: z.int() }),
  },
  'labels.undo': { input: project.extend({ rater: z.string() }), output: z.object({ seq: z.int(), images: z.int() }) },
  'labels.redo': { input: project.extend({ rater: z.string() }), output: z.object({ seq: z.int(), images: z.int() }) },
  'labels.export': {
    input: project.extend({ out: z.string(), format: z.enum(['csv', 'list']) }),
    output: z.object({ rows: z.int() }),
  },
  'runs.plan': { input: runOptionsSchema, output: planSchema },
  'runs.start': {
    input: runOptionsSchema,
    output: z.object({
      run: z.string(),
      outcome: runOutcomeSchema,
      results: resultsSchema.nullable(),
    }),
  },
  'runs.resume': {
    input: projectRun,
    output: z.object({
      run: z.string(),
      outcome: runOutcomeSchema,
      results: resultsSchema.nullable(),
    }),
  },
  'runs.cancel': { input: projectRun, output: runRowSchema },
  'runs.pause': { input: projectRun, output: runRowSchema },
  'runs.list': { input: project, output: z.object({ runs: z.array(runRowSchema) }) },
  'runs.adapt': {
    input: runOptionsSchema,
    output: z.object({
      run: z.string(),
      outcome: runOutcomeSchema,
      sha256: z.array(z.string()),
    }),
  },
  'runs.finetune': {
    input: runOptionsSchema.extend({ run: z.string().optional() }),
    output: z.object({ run: z.string(), results: resultsSchema.nullable() }),
  },
  'runs.embed': {
    input: runOptionsSchema.extend({ run: z.string().optional(), arm: armSchema, out: z.string() }),
    output: z.object({ images: z.int(), out: z.string() }),
  },
  'results.get': { input: projectRun, output: resultsSchema },
  predict: {
    input: project.extend({
      run: z.string(),
      out: z.string(),
      images: z.string().optional(),
      arm: armSchema.optional(),
    }),
    output: predictionSummarySchema,
  },
  'weights.import': { input: project.extend(weightsImportSchema.shape), output: importedWeightsSchema },
  'audit.verify': {
    input: project,
    output: z.object({ ok: z.boolean(), entries: z.int(), head: z.string(), problems: z.array(z.string()) }),
  },
  'machine.describe': { input: z.object({ full: z.boolean() }), output: machineSchema },
} as const;
export type CoreCalls = typeof coreCalls;

export const coreEvents = {
  'run.progress': z.object({ project: z.string(), run: z.string(), progress: progressSchema }),
  'run.state': z.object({ project: z.string(), row: runRowSchema }),
} as const;
export type CoreEvents = typeof coreEvents;
