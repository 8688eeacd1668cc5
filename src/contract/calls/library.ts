import { z } from 'zod';
import { importInputSchema, librarySummarySchema, lookSchema } from '../library.ts';
import { bytesSchema, imageDetailsSchema, rangesSchema, viewInputSchema, WINDOW_MOST } from '../view.ts';

const project = z.object({ project: z.string() });
const seat = project.extend({ rater: z.string() });
const view = seat.extend({ view: z.int() });

export const libraryCalls = {
  'library.import': { input: importInputSchema, output: librarySummarySchema },
  /** What an import would find, without a project: everything the import page shows. */
  'library.look': { input: importInputSchema.partial({ project: true }), output: lookSchema },
  /** Starts an import that goes on when the page is gone; progress comes with `project.status`. */
  'library.begin': { input: importInputSchema, output: z.object({ project: z.string() }) },
  /** Looks again at the folder of an open project. */
  'library.rescan': { input: project, output: z.object({ added: z.int(), gone: z.int(), changed: z.int() }) },
  'library.summary': { input: project, output: librarySummarySchema },
  /** An ordered list of images in core; the page fetches windows of it. It stays as it is until opened anew. */
  'view.open': {
    input: viewInputSchema,
    output: z.object({
      view: z.int(),
      count: z.int(),
      labelled: z.int(),
      /** Int32 little-endian starts of the groups, in order; empty without grouping. */
      groupStarts: bytesSchema,
      /** For queues: how far the looking is that suggestions wait for; null when it is done. */
      building: z.number().nullable(),
    }),
  },
  'view.close': { input: view, output: z.object({}) },
  'view.window': {
    input: view.extend({ from: z.int().nonnegative(), count: z.int().positive().max(WINDOW_MOST) }),
    output: z.object({ tiles: bytesSchema }),
  },
  /** Names and label counts of groups `from` to `from + count`. */
  'view.groups': {
    input: view.extend({ from: z.int().nonnegative(), count: z.int().positive().max(WINDOW_MOST) }),
    output: z.object({ groups: z.array(z.object({ name: z.string(), images: z.int(), labelled: z.int() })) }),
  },
  /** Place of an image in the view, or null. */
  'view.find': { input: view.extend({ image: z.int() }), output: z.object({ at: z.int().nullable() }) },
  /** Ticks for the scrubber: a word and the place it begins, at most `most` of them, evenly spread. */
  'view.ticks': {
    input: view.extend({ most: z.int().positive().max(200) }),
    output: z.object({ ticks: z.array(z.object({ at: z.int(), text: z.string() })) }),
  },
  /** How many images of the ranges hold which label: what the selection bar says. */
  'view.count': {
    input: view.extend({ ranges: rangesSchema }),
    output: z.object({ images: z.int(), labelled: z.int() }),
  },
  /** What can be filtered by, with counts under the other filters. */
  'view.facets': {
    input: viewInputSchema,
    output: z.object({
      classes: z.array(z.object({ id: z.int(), count: z.int() })),
      marks: z.record(z.string(), z.int()),
      labelled: z.int(),
      unlabelled: z.int(),
      notes: z.int(),
      check: z.int(),
      unreadable: z.int(),
      groups: z.array(z.object({ name: z.string(), count: z.int() })),
      reportBy: z.array(z.string()),
      predicted: z.array(z.object({ id: z.int(), count: z.int() })),
    }),
  },
  'images.details': { input: seat.extend({ image: z.int() }), output: imageDetailsSchema },
  /** Labelled training images that look most like one; none where the rater's word must be an independent one. */
  'images.nearLabelled': {
    input: seat.extend({ image: z.int(), most: z.int().positive().max(50).default(4) }),
    output: z.object({ images: z.array(z.object({ image: z.int(), key: z.string(), class: z.int() })) }),
  },
  /** The image nearest to a name or part of it, for "go to image". */
  'images.search': {
    input: seat.extend({ text: z.string().min(1).max(200), most: z.int().positive().max(50).default(20) }),
    output: z.object({ images: z.array(z.object({ image: z.int(), key: z.string(), file: z.string() })) }),
  },
  /**
   * Bytes of a picture, for the process that serves addresses: `thumb` 256 px, `view` at most 4096 px. The key is the
   * one core gave out; another is refused.
   */
  'images.bytes': {
    input: z.object({ project: z.string(), image: z.int(), kind: z.enum(['thumb', 'view']), key: z.string().max(64) }),
    output: z.object({ type: z.string(), bytes: bytesSchema }),
  },
  /** A picture of a folder that is only looked at, by the key of `library.look`. */
  'images.preview': {
    input: z.object({ key: z.string().max(64) }),
    output: z.object({ type: z.string(), bytes: bytesSchema }),
  },
} as const;
