import { z } from 'zod';

/** What an image is said to be, by whom it counts for the asking rater. */
export const marks = ['none', 'unsure', 'skip'] as const;

/** AND across the fields, OR within one. An absent field filters nothing. */
export const filterSchema = z
  .object({
    classes: z.array(z.int()),
    groups: z.array(z.string()),
    marks: z.array(z.enum(marks)),
    /** labelled: has a class or "none of these" by anyone (blind: by the rater). */
    labelled: z.boolean(),
    /** Class ids called by the applied model. */
    predicted: z.array(z.int()),
    /** Highest probability at most this, 0..1. */
    probabilityBelow: z.number(),
    note: z.boolean(),
    check: z.boolean(),
    unreadable: z.boolean(),
    changed: z.boolean(),
    raters: z.array(z.string()),
    /** Part of a file name or note. */
    text: z.string(),
    /** Exactly these images, such as a stored selection; at most 10,000. */
    ids: z.array(z.int()).max(10_000),
  })
  .partial();
export type Filter = z.infer<typeof filterSchema>;

export const sorts = ['added', 'name', 'date', 'similar', 'uncertain'] as const;
export const sortSchema = z.enum(sorts);
export type Sort = z.infer<typeof sortSchema>;

export const queueNames = ['suggested', 'unsure', 'disagreements', 'second', 'mislabelled'] as const;
export type QueueName = (typeof queueNames)[number];

/** All points of a map in its order; else those of a cluster, or within an outline of x and y, the most central first. */
export const mapPartSchema = z.union([
  z.literal('all'),
  z.object({ cluster: z.int().nonnegative() }),
  z.object({
    outline: z
      .array(z.tuple([z.number(), z.number()]))
      .min(3)
      .max(2000),
  }),
]);
export type MapPart = z.infer<typeof mapPartSchema>;

/**
 * Where the images of a view come from. `library`: everything, filtered and sorted. `queue`: what to label next, in
 * the queue's own order (`class:<id>` are likely images of a class). `scored`: check images of a run behind a number.
 * `review`: what an applied model named. `similar`: nearest to an image. `map`: part of a run's map of the images.
 */
export const viewSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('library') }),
  z.object({ kind: z.literal('queue'), queue: z.string(), size: z.int().positive().max(500).default(40) }),
  z.object({
    kind: z.literal('scored'),
    run: z.string(),
    arm: z.enum(['plain', 'adapted']),
    /** Indexes into the run's classes; null takes all. */
    truth: z.int().nullable(),
    called: z.int().nullable(),
    /** Of that class or called so, instead of both. */
    either: z.boolean().optional(),
    /** null takes all; `only`: right in this arm and wrong in the other; `either`: right in one of the two alone. */
    correct: z.union([z.boolean(), z.enum(['only', 'either'])]).nullable(),
    /** For `only` and `either`: a model of another run instead of the other arm of this one. */
    other: z.object({ run: z.string(), arm: z.enum(['plain', 'adapted']) }).optional(),
    /** Of one group, or with one value of a column that results are reported by. */
    group: z.object({ column: z.string().nullable(), value: z.string() }).optional(),
    /**
     * How sure the arm was, from within, to without; the highest bin holds 1. Corrected: by its temperature. Where
     * several draws are scored, how sure the model of any was; `correct` then is of such an answer.
     */
    said: z.object({ from: z.number(), to: z.number(), corrected: z.boolean() }).optional(),
  }),
  z.object({
    kind: z.literal('review'),
    batch: z.int(),
    /** Index into the model's classes; null takes all. */
    called: z.int().nullable(),
    /**
     * `unlike`: unlike the training images and not reviewed, the farthest first. `sample`: so many at random, the same
     * ones every time, in no order that says anything.
     */
    part: z.union([
      z.enum(['to-review', 'named', 'reviewed', 'all', 'unlike']),
      z.object({ sample: z.int().positive().max(1000) }),
    ]),
    group: z.string().nullable().default(null),
  }),
  z.object({
    kind: z.literal('map'),
    run: z.string(),
    arm: z.enum(['plain', 'adapted']),
    part: mapPartSchema,
  }),
  z.object({ kind: z.literal('similar'), image: z.int(), count: z.int().positive().max(1000).default(60) }),
]);
export type ViewSource = z.infer<typeof viewSourceSchema>;

export const viewInputSchema = z.object({
  project: z.string(),
  rater: z.string(),
  source: viewSourceSchema.default({ kind: 'library' }),
  filter: filterSchema.default({}),
  sort: sortSchema.default('added'),
  /** `group` or the name of a "report by" column; null shows one block. */
  groupBy: z.string().nullable().default(null),
});

/** Why an image is shown; 0 says nothing. The page holds the sentences. */
export const reasons = [
  'none',
  'typical', // Typical of a group of similar images you have not labelled yet.
  'unlike', // Unlike anything labelled so far.
  'hesitates', // The model hesitates between two classes.
  'random-check', // Picked at random, for the honest check. Sent only once the image is labelled.
  'unsure', // You marked this unsure.
  'disagree', // Two raters disagree.
  'likely', // Looks like the class that is asked for.
  'mislabelled', // The model, without having seen this label, calls it something else.
] as const;

export const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes are expected');

/**
 * A tile as it travels: little-endian records of `TILE_BYTES`, one per image of the window, in order.
 *
 *   0  u32  image id
 *   4  12 bytes  key of the picture's address (base64url of these in the address)
 *  16  u8×3  mean colour, sRGB
 *  19  u8   reason, index into `reasons`
 *  20  u16  flags, see `tileFlags`
 *  22  u16  class id of the label that counts for the rater; 0xffff none
 *  24  u16  class id the applied model calls; 0xffff none
 *  26  u8   probability of that, 0..255
 *  27  u8   width ÷ height of the picture as round(64·log2(w/h))+128
 *  28  u32  reserved, 0
 */
export const TILE_BYTES = 32;
export const NO_CLASS = 0xffff;
export const tileFlags = {
  none: 1,
  unsure: 2,
  skip: 4,
  note: 8,
  /** Check image; sent only once the rater has labelled it. */
  check: 16,
  unreadable: 32,
  changed: 64,
  disagreement: 128,
  confirmed: 256,
  /** Joint decision stands. */
  joint: 512,
  gone: 1024,
} as const;
export const WINDOW_MOST = 512;
/** Places in a view, half open: `[from, to)`. */
export const rangesSchema = z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])).max(100_000);

export const labelHistorySchema = z.object({
  time: z.string(),
  rater: z.string(),
  kind: z.string(),
  class: z.string().nullable(),
  text: z.string().nullable(),
});

export const imageDetailsSchema = z.object({
  image: z.int(),
  key: z.string(),
  /** Empty in a blind session. */
  file: z.string(),
  group: z.string().nullable(),
  reportBy: z.array(z.object({ column: z.string(), value: z.string() })),
  width: z.int(),
  height: z.int(),
  bits: z.int(),
  bytes: z.int(),
  type: z.string(),
  page: z.int(),
  pages: z.int(),
  modified: z.string(),
  state: z.enum(['ok', 'unreadable', 'gone']),
  failure: z.string().nullable(),
  /** Shown only once the rater has labelled it. */
  check: z.boolean(),
  note: z.string(),
  history: z.array(labelHistorySchema),
  prediction: z
    .object({ class: z.string(), probability: z.number(), second: z.string(), pSecond: z.number() })
    .nullable(),
  similar: z.array(z.object({ image: z.int(), key: z.string() })),
});
export type ImageDetails = z.infer<typeof imageDetailsSchema>;
