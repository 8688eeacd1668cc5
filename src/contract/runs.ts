import { z } from 'zod';
import { armSchema, columnSchema, fractionSchema, regimeSchema } from './run-files.ts';

export const runStates = [
  'planned',
  'running',
  'pausing',
  'paused',
  'cancel-requested',
  'stopping',
  'cancelled',
  'interrupted',
  'stopped',
  'failed',
  'finished',
] as const;
export const runStateSchema = z.enum(runStates);
export type RunState = z.infer<typeof runStateSchema>;

export const runOptionsSchema = z.object({
  project: z.string(),
  shots: z.int().positive().optional(),
  /** Instead of `shots`: a share of each class's training labels, at least one. */
  fraction: fractionSchema.optional(),
  draws: z.int().min(2).max(100).optional(),
  epochs: z.int().min(0).max(1000).optional(),
  size: z.int().min(32).max(1024).optional(),
  backbone: z.string().optional(),
  method: z.string().optional(),
  regime: z.union([regimeSchema, z.literal('auto')]).optional(),
  /** Adaptation seeds. */
  seeds: z.int().min(1).max(20).optional(),
  maxImages: z.int().positive().optional(),
  seed: z.int().nonnegative().optional(),
  /** A method whose loss is added to the supervised one where the backbone is tuned on labels; none without it. */
  auxiliary: z.string().optional(),
  auxiliaryWeight: z.number().min(0.001).max(1000).optional(),
  /** Batch statistics where a regime trains the backbone; those of the adaptation are a setting of its method. */
  tuneStatistics: z.enum(['frozen', 'batch']).optional(),
  /** Learning rate of each layer of the backbone over that of the layer behind it, while it is retrained. */
  layerDecay: z.number().min(0.1).max(1).optional(),
  testTimeAugmentation: z.boolean().optional(),
  engine: z.enum(['auto', 'onnx', 'eager']).optional(),
  /** How thorough the app's run is; fills in what is left open. */
  depth: z.enum(['quick', 'standard', 'thorough']).optional(),
  /** Classes, by name, that are left out this time. */
  leaveOut: z.array(z.string()).optional(),
  /** Columns kept with the images, by name, that join the features in the head. */
  columns: z.array(z.string()).optional(),
  /** Preset of views, by name. */
  views: z.string().optional(),
  batch: z.int().positive().max(1024).optional(),
  /** Settings of the method that differ from its defaults. */
  methodSettings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
  /** Shorten the adaptation so that the whole run ends in about this many seconds, and say so. */
  budgetSeconds: z.number().positive().optional(),
});
export type RunOptions = z.infer<typeof runOptionsSchema>;

export const planSchema = z.object({
  images: z.int(),
  adaptationImages: z.int(),
  trainingLabels: z.int(),
  checkImages: z.int(),
  checkGroups: z.int(),
  classes: z.array(z.string()),
  backbone: z.string(),
  method: z.string(),
  regimes: z.array(regimeSchema),
  size: z.int(),
  epochs: z.int(),
  seeds: z.int(),
  draws: z.int(),
  shots: z.int().nullable(),
  fraction: fractionSchema.nullable(),
  /** Fewest and most labels of a class that a draw trains with. */
  labelsPerClass: z.tuple([z.int(), z.int()]),
  columns: z.array(columnSchema),
  /** Columns kept with the images that a run could use. */
  keptColumns: z.array(z.string()),
  provider: z.string(),
  stages: z.array(z.object({ name: z.string(), what: z.string(), seconds: z.tuple([z.number(), z.number()]) })),
  diskBytes: z.number(),
  memoryBytes: z.number(),
  freeBytes: z.number(),
  freeMemoryBytes: z.number(),
  /** What to change where memory does not suffice; null where it does. */
  smaller: z.object({ batch: z.int(), size: z.int() }).nullable(),
  advice: z.array(z.string()),
});
export type Plan = z.infer<typeof planSchema>;

/** What a run was made to do. */
export const runAboutSchema = z.object({
  method: z.string(),
  backbone: z.string(),
  size: z.int(),
  epochs: z.int(),
  images: z.int(),
  labels: z.int(),
  shots: z.int().nullable(),
  fraction: fractionSchema.optional(),
  /** Names of the columns that joined the features. */
  columns: z.array(z.string()).optional(),
});
export type RunAbout = z.infer<typeof runAboutSchema>;

export const runRowSchema = z.object({
  id: z.string(),
  kind: z.enum(['one-click', 'adapt', 'finetune', 'embed']),
  state: runStateSchema,
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  /** A line for the terminal; what is shown elsewhere is said from `about`. */
  summary: z.string(),
  /** Absent of runs from before it was kept. */
  about: runAboutSchema.optional(),
  fraction: z.number(),
  error: z.string().nullable(),
  /** Stable code of what `error` says. */
  errorCode: z.string().nullable(),
});
export type RunRow = z.infer<typeof runRowSchema>;

const unlikeSummarySchema = z.object({
  /** Training images it was calibrated on. */
  labels: z.int(),
  /** Null where these are too few to tell; else how many images are unlike them, and whether that is far more than usual. */
  told: z
    .object({
      images: z.int(),
      usual: z.object({ share: z.number(), images: z.int() }),
      isFar: z.boolean(),
    })
    .nullable(),
});
export const predictionSummarySchema = z.object({
  run: z.string(),
  arm: armSchema,
  images: z.int(),
  out: z.string(),
  perClass: z.array(z.object({ class: z.string(), images: z.int() })),
  unreadable: z.int(),
  /** Where the model uses columns: of how many of these images each is missing. */
  missing: z.array(z.object({ column: z.string(), images: z.int() })),
  /** Null where a model file named them, or the training images cannot be seen any more. */
  unlike: unlikeSummarySchema.nullable(),
  seconds: z.number(),
});
export type PredictionSummary = z.infer<typeof predictionSummarySchema>;
