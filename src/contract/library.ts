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
  /** Further folders, whose images only the adaptation may use. They take the place of those asked for before. */
  unlabelled: z.array(z.string()).max(100).optional(),
  /** How classes are found. Guessed where absent. */
  layout: z.enum(['class-per-folder', 'flat', 'labels-file']).optional(),
  /** What a class folder is taken for, by the name it would give its class; `class` where absent. */
  folders: z.record(z.string(), z.enum(['class', 'ignore', 'none'])).optional(),
  /** Name of the project; that of its folder where absent. */
  name: z.string().trim().min(1).max(120).optional(),
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

/** What an import would find: the import page, before anything is written. */
export const lookSchema = z.object({
  folder: z.string(),
  files: z.int(),
  /** Read in full for a sample; the rest is told by name. */
  images: z.int(),
  others: z.array(z.object({ what: z.enum(['whole-slide', 'dicom', 'other']), files: z.int(), first: z.string() })),
  layout: z.enum(['class-per-folder', 'flat', 'labels-file']),
  classes: z.array(z.object({ name: z.string(), images: z.int(), as: z.enum(['class', 'ignore', 'none']) })),
  /** Tables beside the images whose rows name them. */
  tables: z.array(
    z.object({
      file: z.string(),
      columns: z.array(z.string()),
      rows: z.int(),
      first: z.array(z.record(z.string(), z.string())),
      matched: z.int(),
      guess: z.object({
        file: z.string().nullable(),
        label: z.string().nullable(),
        rater: z.string().nullable(),
        groups: z.array(z.string()),
      }),
    }),
  ),
  groups: z
    .object({
      source: z.string(),
      count: z.int(),
      unmatched: z.int(),
      example: z.object({ file: z.string(), group: z.string() }).nullable(),
      /** Largest first, at most 20. */
      sizes: z.array(z.object({ name: z.string(), images: z.int() })),
    })
    .nullable(),
  /** A file-name pattern that would give groups, where none was asked for. */
  suggestedPattern: z.string().nullable(),
  /** Pictures are fetched by their keys. */
  sample: z.array(z.object({ file: z.string(), key: z.string(), width: z.int(), height: z.int(), bits: z.int() })),
  unreadable: z.array(unreadableSchema),
  /** Commonest size, and whether it is much larger than what is looked at. */
  size: z.object({ width: z.int(), height: z.int(), bits: z.int(), seenAt: z.int(), tooLarge: z.boolean() }).nullable(),
  project: z.object({
    folder: z.string(),
    name: z.string(),
    needsBytes: z.number(),
    freeBytes: z.number(),
    network: z.boolean(),
  }),
  /** A project of exactly these images is there already. */
  existing: z.string().nullable(),
  warnings: z.array(z.string()),
});
export type Look = z.infer<typeof lookSchema>;
