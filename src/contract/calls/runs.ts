import { z } from 'zod';
import { rankInputSchema, rankingSchema } from '../episodes.ts';
import { resultsSchema, trustSchema } from '../results.ts';
import { armSchema, heldColumnsSchema, monitorRowSchema } from '../run-files.ts';
import { planSchema, predictionSummarySchema, runOptionsSchema, runRowSchema } from '../runs.ts';
import { catalogueSchema } from '../catalogue.ts';
import { healthWords } from '../health.ts';

const project = z.object({ project: z.string() });
const seat = project.extend({ rater: z.string() });
const projectRun = project.extend({ run: z.string().optional() });

/** How the work on a run ended. */
const runOutcomeSchema = z.enum(['finished', 'paused', 'cancelled', 'collapsed']);

export const runHealthSchema = z.object({
  word: z.enum(healthWords).nullable(),
  /** Passes without improvement. */
  stalledFor: z.int(),
  /** Per adaptation seed, one row per pass; row 0 is before the first step. */
  monitor: z.array(z.array(monitorRowSchema)),
});

/** A share of answers about check images: one per image, or one for each draw where several are scored. */
const share = z.object({
  /** Different images. */
  images: z.int(),
  /** Different images with a hit, and with a miss: where several draws answer, an image may be among both. */
  hits: z.int(),
  misses: z.int(),
  /** Of all answers, by the weights where images are weighted. */
  mean: z.number(),
  ci: z.tuple([z.number(), z.number()]),
});
/** Answers that said about the same, and how many of them were right. */
const binsSchema = z.array(share.extend({ from: z.number(), to: z.number(), said: z.number() }));
/** What the surest answers are worth: how many of those named above a threshold are wrong. */
const riskSchema = z.array(z.object({ threshold: z.number(), coverage: z.number(), wrong: share }));

const comparedRunSchema = z.object({
  id: z.string(),
  at: z.string(),
  name: z.string().nullable(),
  note: z.string().nullable(),
  method: z.string(),
  backbone: z.string(),
  epochs: z.int(),
  /** Labels it was trained with. */
  labels: z.int(),
  /** The model of it that is used; score and differences are of this one. */
  arm: armSchema,
  score: z.object({ mean: z.number(), ci: z.tuple([z.number(), z.number()]) }),
  checkImages: z.int(),
  seconds: z.number(),
  /** Null of runs from before it was kept. */
  device: z.string().nullable(),
  /** This run − the selected one; null for that one, and where they cannot be paired. */
  paired: z
    .object({
      mean: z.number(),
      ci: z.tuple([z.number(), z.number()]),
      images: z.int(),
      /** Whose adaptation another seed would change by more than the range holds: made once, or not kept seed by seed. */
      outside: z.enum(['both', 'this', 'selected']).nullable(),
      onlyThis: z.int(),
      onlySelected: z.int(),
    })
    .nullable(),
  /** Why not: other training labels, other check images or labels, held out otherwise, or no list of images was kept. */
  unpaired: z.enum(['training', 'check', 'splits', 'unlisted']).nullable(),
});

export const runCalls = {
  'runs.plan': { input: runOptionsSchema, output: planSchema },
  'runs.start': {
    input: runOptionsSchema,
    output: z.object({ run: z.string(), outcome: runOutcomeSchema, results: resultsSchema.nullable() }),
  },
  /** Like `runs.start`, but answers as soon as the run has begun; it goes on when the page is gone. */
  'runs.begin': {
    /** `from`: run whose adaptation is used instead of a new one; like `runs.finetune`. */
    input: runOptionsSchema.extend({ from: z.string().optional() }),
    output: runRowSchema,
  },
  /** Begins a run like one that collapsed, with half the learning rate and stronger changes of images. */
  'runs.safer': { input: project.extend({ run: z.string() }), output: runRowSchema },
  /** Like `runs.resume`, likewise. */
  'runs.continue': { input: projectRun, output: runRowSchema },
  'runs.resume': {
    input: projectRun,
    output: z.object({ run: z.string(), outcome: runOutcomeSchema, results: resultsSchema.nullable() }),
  },
  'runs.cancel': {
    /** `keep`: what was learned so far is trained with and checked. */
    input: projectRun.extend({ keep: z.boolean().default(false) }),
    output: runRowSchema,
  },
  /** `closing`: Acclimate is closed over it, and says so when it is opened again. */
  'runs.pause': { input: projectRun.extend({ closing: z.boolean().default(false) }), output: runRowSchema },
  'runs.list': { input: project, output: z.object({ runs: z.array(runRowSchema) }) },
  /** What a person calls a run and writes about it; an empty text takes it away. */
  'runs.describe': {
    input: seat.extend({
      run: z.string(),
      name: z.string().max(120).optional(),
      note: z.string().max(2000).optional(),
    }),
    output: z.object({}),
  },
  /** Deletes a run that is over, with its folder; one that was applied stays. */
  'runs.remove': { input: seat.extend({ run: z.string() }), output: z.object({}) },
  'runs.health': { input: project.extend({ run: z.string() }), output: runHealthSchema },
  'runs.adapt': {
    input: runOptionsSchema,
    output: z.object({
      run: z.string(),
      outcome: runOutcomeSchema,
      /** Per seed: of the adapted backbone's file, and how fast it was made. */
      sha256: z.array(z.string()),
      speed: z.array(z.object({ imagesPerSecond: z.number(), idleShare: z.number() })),
    }),
  },
  'runs.finetune': {
    input: runOptionsSchema.extend({ run: z.string().optional() }),
    output: z.object({ run: z.string(), results: resultsSchema.nullable() }),
  },
  /**
   * One cell of a grid of comparisons: like `runs.start` or, with `from`, `runs.finetune`, but a run that did the same
   * with the same data is used (`known`), or gone on with.
   */
  'runs.cell': {
    input: runOptionsSchema.extend({ from: z.string().optional() }),
    output: z.object({
      run: z.string(),
      outcome: runOutcomeSchema,
      results: resultsSchema.nullable(),
      known: z.boolean(),
    }),
  },
  'runs.embed': {
    input: runOptionsSchema.extend({ run: z.string().optional(), arm: armSchema, out: z.string() }),
    output: z.object({ images: z.int(), out: z.string() }),
  },
  /** Ranks backbones by few-shot episodes on the training labels. Leaves nothing behind. */
  'runs.rank': { input: rankInputSchema, output: rankingSchema },
  /** What the engine offers: the Expert drawer is made from it. */
  'catalogue.get': { input: project, output: catalogueSchema },
  'results.get': { input: projectRun, output: resultsSchema },
  /**
   * Whole images per cell, by the mean of the probabilities over seeds and draws: the images behind every cell and
   * every class row are exactly the ones counted here.
   */
  'results.confusion': {
    input: project.extend({ run: z.string(), arm: armSchema }),
    output: z.object({
      classes: z.array(z.string()),
      counts: z.array(z.array(z.int())),
      /** Of the same images the sums of their weights and of the squares of these; null where none is weighted. */
      weights: z.object({ sums: z.array(z.array(z.number())), squares: z.array(z.array(z.number())) }).nullable(),
    }),
  },
  /**
   * Whether an arm's percentages can be trusted: as the model says them (`before`) and corrected (`after`, null where
   * nothing was fitted). `fit` is null of runs from before it was kept. Where several draws are scored, the model of
   * each answers by itself and all answers are counted together; `ofMean`: not in this run, which is from before that.
   */
  'results.trust': {
    input: project.extend({ run: z.string(), arm: armSchema }),
    output: z.object({
      fit: trustSchema.nullable(),
      draws: z.int(),
      ofMean: z.boolean(),
      bins: z.object({ before: binsSchema.nullable(), after: binsSchema.nullable() }),
      risk: z.object({ before: riskSchema.nullable(), after: riskSchema.nullable() }),
    }),
  },
  /**
   * Check images by patient (column null) and by each column that results are reported by, worst first; and classes
   * whose training labels all come from one of them; and what is told of a scanner by models that never saw it.
   */
  'results.groups': {
    input: project.extend({ run: z.string(), arm: armSchema }),
    output: z.object({
      tables: z.array(z.object({ column: z.string().nullable(), rows: z.array(share.extend({ value: z.string() })) })),
      held: heldColumnsSchema.shape.columns,
      carried: z.array(z.object({ class: z.string(), column: z.string().nullable(), value: z.string() })),
    }),
  },
  /** Every run with results, newest first, each paired with the selected one where that is fair. */
  'results.compare': {
    input: project.extend({ run: z.string() }),
    output: z.object({ runs: z.array(comparedRunSchema) }),
  },
  /** How the labels on the check side came about, and what changed since: what is said beside every score. */
  'results.context': {
    input: project.extend({ run: z.string() }),
    output: z.object({
      labelsNow: z.int(),
      labelsThen: z.int(),
      checkNamed: z.int(),
      checkUnsure: z.int(),
      checkSkipped: z.int(),
      checkNone: z.int(),
      /** Labels changed on check images since the results were first seen. */
      fixedAfter: z.int(),
      chosen: armSchema,
      /** The check images were imported or chosen by hand, not drawn. */
      chosenByHand: z.boolean(),
      /** Check images that one of the two models alone names correctly. */
      onlyRight: z.object({ plain: z.int(), adapted: z.int() }),
      commonest: z.object({ class: z.string(), share: z.number() }),
      shipped: z.boolean(),
    }),
  },
  /** Results were opened: joins the audit trail, so that later fixes can be told. */
  'results.seen': { input: seat.extend({ run: z.string() }), output: z.object({}) },
  /** Uses the other model than the recommended one; logged. */
  'results.choose': { input: seat.extend({ run: z.string(), arm: armSchema }), output: z.object({}) },
  predict: {
    input: project.extend({
      run: z.string(),
      out: z.string(),
      images: z.string().optional(),
      /** A table with the columns of images of another folder, for a model that uses some. */
      table: z.string().optional(),
      arm: armSchema.optional(),
    }),
    output: predictionSummarySchema,
  },
} as const;
