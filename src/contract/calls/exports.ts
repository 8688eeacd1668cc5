import { z } from 'zod';
import { applyCalls } from './apply.ts';

/** Languages a report is written in. */
export const reportLocales = ['en', 'de'] as const;
export type ReportLocale = (typeof reportLocales)[number];

export const exportCalls = {
  /**
   * Writes the results of a run as one HTML file: no scripts, nothing from elsewhere. With `out` to that place (never
   * among the images); without, to be fetched like a table.
   */
  'exports.report': {
    input: z.object({
      project: z.string(),
      rater: z.string(),
      /** The newest finished comparison without it. */
      run: z.string().optional(),
      locale: z.enum(reportLocales).default('en'),
      /** Example images, and the names of files and groups: they may show who a patient is. Groups have numbers without it. */
      withImages: z.boolean().default(false),
      out: z.string().optional(),
    }),
    output: applyCalls['exports.make'].output.omit({ rows: true }),
  },
  /** Writes the project as one zip: database, labels, runs, weights, small pictures where asked for; not the images. */
  'exports.bundle': {
    input: z.object({
      project: z.string(),
      rater: z.string(),
      thumbnails: z.boolean().default(false),
      out: z.string().optional(),
    }),
    output: applyCalls['exports.make'].output.omit({ rows: true }),
  },
  /** Makes a new project of a bundle in `folder`. */
  'projects.unbundle': {
    input: z.object({ file: z.string(), folder: z.string() }),
    output: z.object({ project: z.string() }),
  },
} as const;
