import { z } from 'zod';
import { armSchema, columnSchema, fractionSchema, monitorRowSchema, regimeSchema } from './run-files.ts';

/** Fewer check images of a class than this measure nothing. */
export const fewestOfClass = 5;

const interval = z.object({ mean: z.number(), ci: z.tuple([z.number(), z.number()]) });
export const estimateSchema = interval.extend({ perDraw: z.array(z.number()) });
export type Estimate = z.infer<typeof estimateSchema>;

export const metricNames = ['accuracy', 'balancedAccuracy', 'macroF1', 'auc', 'logLoss', 'ece'] as const;
export type MetricName = (typeof metricNames)[number];

export const classScoreSchema = z.object({
  class: z.string(),
  checkImages: z.int(),
  trainingLabels: z.int(),
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  f1: z.number().nullable(),
  auc: z.number().nullable(),
});

/** One estimate per metric: of an arm, or of the paired difference. */
const estimatesSchema = z.object({
  accuracy: estimateSchema,
  balancedAccuracy: estimateSchema,
  macroF1: estimateSchema,
  auc: estimateSchema,
  logLoss: estimateSchema,
  ece: estimateSchema,
});

export const armResultSchema = estimatesSchema.extend({
  regimes: z.array(regimeSchema),
  perClass: z.array(classScoreSchema),
  /** Mean counts over draws and seeds: rows true, columns called. */
  confusion: z.array(z.array(z.number())),
});
export type ArmResult = z.infer<typeof armResultSchema>;

/** How well the stated probabilities fit, of the models of all scored draws (each the mean of its seeds) together. */
const fitSchema = z.object({ ece: interval, logLoss: interval, brier: interval });
/** Trust in an arm's percentages, on the check images: as the model says them, and corrected. */
export const trustSchema = z.object({
  before: fitSchema,
  /** Null where nothing could be fitted. */
  after: fitSchema.nullable(),
  /** Of the model that is applied, and the held-out training labels it was fitted on. */
  temperature: z.object({ value: z.number().positive(), labels: z.int() }).nullable(),
});
export type Trust = z.infer<typeof trustSchema>;

/** Share named correctly with so many labels per class, told by a probe; and what 5 more of each would buy. */
export const curveSchema = z.object({
  points: z.array(interval.extend({ labels: z.number().positive() })),
  /** Null below 3 points. */
  outlook: z
    .object({
      labels: z.int(),
      gain: interval,
      line: z.array(z.object({ labels: z.number(), mean: z.number() })),
    })
    .nullable(),
  checkImages: z.int(),
});
export type Curve = z.infer<typeof curveSchema>;

export const verdictSchema = z.enum(['helped', 'worse', 'too-few', 'probably', 'no-difference']);
export type Verdict = z.infer<typeof verdictSchema>;

/** What the columns added to an arm: paired, on the same check images, labels and seeds. */
const addedSchema = z.object({ without: estimatesSchema, added: estimatesSchema });
const columnsResultSchema = z.object({
  /** `missing`: check images without a value. */
  used: z.array(columnSchema.extend({ missing: z.int() })),
  /** Check images that `missing` counts among: of repeated splits those of all of them. */
  images: z.int(),
  plain: addedSchema,
  adapted: addedSchema,
});
export type ColumnsResult = z.infer<typeof columnsResultSchema>;

export const resultsSchema = z.object({
  run: z.string(),
  images: z.int(),
  classes: z.array(z.string()),
  groups: z.int(),
  protocol: z.object({
    kind: z.enum(['shots', 'fraction', 'subsample']),
    check: z.enum(['reserved', 'repeated']),
    shots: z.int().nullable(),
    /** Of each class's training labels, in each draw; how many that were, `perClass` of an arm tells. */
    fraction: fractionSchema.optional(),
    draws: z.int(),
    seeds: z.int(),
    checkImages: z.int(),
    checkGroups: z.int(),
    /** Check images were not all as likely to be drawn, and the scores weigh them; counts stay counts of images. */
    weighted: z.literal(true).optional(),
    adaptationImages: z.int(),
  }),
  arms: z.object({ plain: armResultSchema, adapted: armResultSchema }),
  difference: estimatesSchema,
  /** Where columns joined the features in the head, in both arms. */
  columns: columnsResultSchema.optional(),
  /** Absent of runs from before it was kept. */
  trust: z.object({ plain: trustSchema, adapted: trustSchema }).optional(),
  /** Absent of runs from before it was kept; null where it cannot be told. */
  curve: z.object({ plain: curveSchema.nullable(), adapted: curveSchema.nullable() }).optional(),
  verdict: verdictSchema,
  /** What the app recommends; `undecided` deploys plain. */
  recommendation: z.enum(['adapted', 'plain', 'undecided']),
  deployed: armSchema,
  headline: z.string(),
  notes: z.array(z.string()),
  monitor: z.array(z.array(monitorRowSchema)),
  seconds: z.number(),
  imagesPerSecond: z.number(),
  /** Share of the adaptation in which the engine waited for images; runs of before do not tell it. */
  idleShare: z.number().min(0).max(1).optional(),
  /** What the adaptation was computed by; runs of before do not tell it. */
  device: z.string().optional(),
});
export type Results = z.infer<typeof resultsSchema>;
