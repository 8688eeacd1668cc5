import { z } from 'zod';
import { rangesSchema } from '../view.ts';

const project = z.object({ project: z.string() });
const seat = project.extend({ rater: z.string() });

/** Images by id, or by their places in a view. */
export const targetSchema = z.union([
  z.object({ images: z.array(z.int()).min(1).max(10_000) }),
  z.object({ view: z.int(), ranges: rangesSchema.min(1) }),
]);

export const labelValueSchema = z.union([
  z.object({ class: z.string() }),
  z.object({ mark: z.enum(['none', 'unsure', 'skip', 'clear']) }),
]);

/** What an act did, in data: the page makes the sentence. */
export const actSchema = z.object({
  seq: z.int(),
  images: z.int(),
  /** set, note, confirm, or what was done to a class. */
  kind: z.string(),
  /** Class name, mark, or note text. */
  value: z.string(),
  /** When the act itself was done. */
  time: z.string(),
  /** At most 10,000 images it touched, for [Show]. */
  ids: z.array(z.int()),
});
export type Act = z.infer<typeof actSchema>;

const agreementSchema = z.object({
  raters: z.tuple([z.string(), z.string()]),
  images: z.int(),
  agreed: z.int(),
  kappa: z.number().nullable(),
  ci: z.tuple([z.number(), z.number()]).nullable(),
  /** Names of what was said, rows the first rater, columns the second. */
  values: z.array(z.string()),
  grid: z.array(z.array(z.int())),
});
export type Agreement = z.infer<typeof agreementSchema>;

export const labelCalls = {
  'labels.set': {
    input: seat.extend({
      target: targetSchema,
      value: labelValueSchema,
      /** The model's guess was shown when it was set. */
      guessShown: z.boolean().default(false),
      /** A joint decision of the raters, instead of the rater's own label. */
      joint: z.boolean().default(false),
    }),
    output: actSchema,
  },
  'labels.note': { input: seat.extend({ image: z.int(), text: z.string().max(4000) }), output: actSchema },
  'labels.undo': { input: seat, output: actSchema },
  'labels.redo': { input: seat, output: actSchema },
  /** What undo and redo would do now; null where nothing. */
  'labels.stack': {
    input: seat,
    output: z.object({ undo: actSchema.nullable(), redo: actSchema.nullable() }),
  },
  'labels.export': {
    input: project.extend({ out: z.string(), format: z.enum(['csv', 'list']) }),
    output: z.object({ rows: z.int() }),
  },
  /** All of these are acts of the rater, undone like labels. */
  'classes.add': { input: seat.extend({ name: z.string().trim().min(1).max(80) }), output: actSchema },
  'classes.rename': {
    input: seat.extend({ class: z.int(), name: z.string().trim().min(1).max(80) }),
    output: actSchema,
  },
  'classes.merge': { input: seat.extend({ class: z.int(), into: z.int() }), output: actSchema },
  'classes.reorder': { input: seat.extend({ order: z.array(z.int()).min(1) }), output: actSchema },
  /** Its labels count no more; undo brings them back. */
  'classes.remove': { input: seat.extend({ class: z.int() }), output: actSchema },
  /** Blind second rating: starts for the asking rater; until it ends nothing of others is shown to them. */
  'second.start': {
    input: seat.extend({ of: z.string(), images: z.int().min(2).max(5000).default(60) }),
    output: z.object({ images: z.int() }),
  },
  'second.end': { input: seat, output: agreementSchema },
  'second.status': {
    input: seat,
    output: z.object({ active: z.boolean(), done: z.int(), images: z.int(), raters: z.array(z.string()) }),
  },
  /** Refused in a blind session. */
  'agreement.list': { input: seat, output: z.object({ pairs: z.array(agreementSchema) }) },
  /** Images behind a cell of the grid. */
  'agreement.cell': {
    input: seat.extend({ raters: z.tuple([z.string(), z.string()]), first: z.string(), second: z.string() }),
    output: z.object({ images: z.array(z.object({ image: z.int(), key: z.string() })) }),
  },
  /** Number of images in each queue, for the rail of the Label place. */
  'queues.counts': {
    input: seat,
    output: z.object({
      suggested: z.int().nullable(),
      unsure: z.int(),
      disagreements: z.int(),
      mislabelled: z.int().nullable(),
      second: z.int().nullable(),
    }),
  },
} as const;
