import { z } from 'zod';
import { armSchema } from '../run-files.ts';
import { bytesSchema } from '../view.ts';
import { actSchema, targetSchema } from './labels.ts';

const project = z.object({ project: z.string() });
const seat = project.extend({ rater: z.string() });
const batch = seat.extend({ batch: z.int() });

export const unlikeShareSchema = z.object({
  /** Training images it was calibrated on. */
  labels: z.int(),
  /** Null where these are too few to tell. */
  told: z
    .object({
      /** Images it is told of, those that are unlike, and those of them that nobody reviewed. */
      of: z.int(),
      images: z.int(),
      toReview: z.int(),
      /** Share of images like the training ones that is called unlike them, measured on so many. */
      usual: z.object({ share: z.number(), images: z.int() }),
      /** Far more of these images than is usual. */
      isFar: z.boolean(),
    })
    .nullable(),
});
export type UnlikeShare = z.infer<typeof unlikeShareSchema>;

export const batchSchema = z.object({
  batch: z.int(),
  /** Null: the images of the project; else the name of the other folder. */
  folder: z.string().nullable(),
  run: z.string(),
  /** Number of the run among the project's, for "model 3". */
  number: z.int(),
  arm: armSchema,
  state: z.enum(['naming', 'done', 'failed', 'cancelled']),
  fraction: z.number(),
  at: z.string(),
  images: z.int(),
  named: z.int(),
  toReview: z.int(),
  reviewed: z.int(),
  unreadable: z.int(),
  threshold: z.number(),
  perClass: z.array(
    z.object({
      class: z.string(),
      threshold: z.number().nullable(),
      images: z.int(),
      toReview: z.int(),
      reviewed: z.int(),
    }),
  ),
  /** What is unlike the training images; null where the images were named before this was told. */
  unlike: unlikeShareSchema.nullable(),
  /** The user said that the review is over. */
  closed: z.boolean(),
  error: z.string().nullable(),
});
export type Batch = z.infer<typeof batchSchema>;

export const applyCalls = {
  /** Names every image of the project, or of another folder as a batch of its own. Goes on when the page is gone. */
  'apply.begin': {
    input: seat.extend({ run: z.string(), arm: armSchema.optional(), folder: z.string().optional() }),
    output: batchSchema,
  },
  'apply.cancel': { input: batch, output: batchSchema },
  'apply.list': { input: seat, output: z.object({ batches: z.array(batchSchema) }) },
  'apply.get': { input: batch, output: batchSchema },
  /** Confirmed as seen: never a check label. Undone like a label. */
  'apply.confirm': { input: batch.extend({ target: targetSchema }), output: actSchema },
  'apply.threshold': {
    /** `class` null: of all that have none of their own. `threshold` null: the class has none of its own any more. */
    input: z.union([
      batch.extend({ threshold: z.number().min(0).max(1), class: z.string().nullable() }),
      batch.extend({ threshold: z.null(), class: z.string() }),
    ]),
    output: batchSchema,
  },
  /** For each threshold from 0.5 to 0.99: what it would name, what is left to review, what is expected wrong. */
  'apply.curve': {
    input: batch,
    output: z.object({
      /** Check images the expectation comes from. */
      checkImages: z.int(),
      points: z.array(
        z.object({
          threshold: z.number(),
          named: z.int(),
          toReview: z.int(),
          /** Wrong among the check images above the threshold: share and 95 % range; null without any. */
          wrong: z.object({ mean: z.number(), ci: z.tuple([z.number(), z.number()]), images: z.int() }).nullable(),
        }),
      ),
    }),
  },
  'apply.close': { input: batch.extend({ closed: z.boolean() }), output: batchSchema },
  /** One row per group; without groups one row for all. */
  'apply.counts': {
    input: batch,
    output: z.object({
      classes: z.array(z.string()),
      rows: z.array(
        z.object({
          group: z.string(),
          images: z.int(),
          counts: z.array(z.int()),
          /** 95 % range of the share of each class. */
          ranges: z.array(z.tuple([z.number(), z.number()])),
          reviewed: z.int(),
          undecided: z.int(),
        }),
      ),
    }),
  },
  /**
   * Writes a table. With `out` to that place (never among the images); without, into the project's own temporary
   * folder, to be fetched by `exports.read` and its token.
   */
  'exports.make': {
    input: seat.extend({
      what: z.enum(['predictions', 'labels', 'counts', 'unreadable', 'classes', 'audit']),
      batch: z.int().optional(),
      format: z.enum(['plain', 'excel']),
      /** Locale of the spreadsheet, for `excel`. */
      locale: z.string().max(20).default('en'),
      /** File and group names become numbers; the key is a second file. */
      anonymous: z.boolean().default(false),
      out: z.string().optional(),
    }),
    output: z.object({
      rows: z.int(),
      files: z.array(
        z.object({ name: z.string(), bytes: z.number(), sha256: z.string(), token: z.string().nullable() }),
      ),
    }),
  },
  'exports.read': {
    input: z.object({ token: z.string().max(64), at: z.number().nonnegative() }),
    output: z.object({ name: z.string(), bytes: bytesSchema, total: z.number() }),
  },
} as const;
