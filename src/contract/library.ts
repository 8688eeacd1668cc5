import { z } from 'zod';

export const importInputSchema = z.object({
  folder: z.string(),
  project: z.string(),
  /** CSV, TSV or `IMAGE CLASS_NUMBER` list. */
  labels: z.string().optional(),
  /** Columns of the label file; guessed where absent. */
  columns: z.object({ file: z.string(), label: z.string(), rater: z.string() }).partial().optional(),
  /** A column of the label file, or a file-name pattern with `{group}`. */
  groups: z.string().optional(),
  /** Further group columns: never split by, only reported by. */
  reportBy: z.array(z.string()).optional(),
  /** Further folder, whose images only the adaptation may use. */
  unlabelled: z.string().optional(),
  /** How classes are found. Guessed where absent. */
  layout: z.enum(['class-per-folder', 'flat', 'labels-file']).optional(),
  /** Seed of the reserved check side; fixed at the first import. */
  seed: z.int().nonnegative().default(0),
});
export type ImportInput = z.infer<typeof importInputSchema>;

export const unreadableSchema = z.object({
  file: z.string(),
  bytes: z.int(),
  /** Stable reason: empty, truncated, not-an-image, too-large, timed-out, decoder-died, outside-folder, unsupported. */
  code: z.string(),
  reason: z.string(),
});
export type Unreadable = z.infer<typeof unreadableSchema>;

export const librarySummarySchema = z.object({
  project: z.string(),
  images: z.int(),
  added: z.int(),
  gone: z.int(),
  changed: z.int(),
  unlabelledOnly: z.int(),
  classes: z.array(z.object({ name: z.string(), images: z.int(), training: z.int(), check: z.int() })),
  groups: z.object({
    keepApart: z.string().nullable(),
    count: z.int(),
    check: z.int(),
    unmatched: z.int(),
    reportBy: z.array(z.string()),
  }),
  duplicates: z.object({ exact: z.int(), near: z.int() }),
  check: z.object({ images: z.int(), groups: z.int() }),
  unreadable: z.array(unreadableSchema),
  warnings: z.array(z.string()),
  seconds: z.number(),
});
export type LibrarySummary = z.infer<typeof librarySummarySchema>;
