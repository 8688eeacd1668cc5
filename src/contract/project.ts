import { z } from 'zod';
import { progressSchema } from './progress.ts';
import { runNoticeSchema } from './run-files.ts';

/** How a project stands: the first that holds. `none` is the page's own, while no project is open. */
export const projectStates = [
  'scanning',
  'interrupted',
  'stopped',
  'paused',
  'adapting',
  'no-classes',
  'few-labels',
  'ready',
  'results',
  'new-images',
  'applied',
  'reviewed',
] as const;
export const projectStateSchema = z.enum(projectStates);
export type ProjectState = z.infer<typeof projectStateSchema>;

export const classInfoSchema = z.object({
  id: z.int(),
  name: z.string(),
  /** Two letters, unique in the project. */
  code: z.string(),
  /** 0-based place: key and colour follow from it. */
  position: z.int(),
  /** Labels that count, on the training side and among the check images. In a blind session: the rater's own. */
  training: z.int(),
  check: z.int(),
  /** An image of the class to show beside its name; null while there is none. */
  example: z.object({ image: z.int(), key: z.string() }).nullable(),
});
export type ClassInfo = z.infer<typeof classInfoSchema>;

/** Numbers that the whole window shows; one event carries them anew whenever one changes. */
export const projectStatusSchema = z.object({
  /** Opaque id of the project: what addresses and calls hold instead of a path. */
  project: z.string(),
  name: z.string(),
  /** Null in a shell that may not know paths. */
  folder: z.string().nullable(),
  /** Where the images were found; null where paths may not be known, or before an import. */
  imagesFolder: z.string().nullable(),
  readOnly: z.boolean(),
  /** The rater this status was made for is in a blind second-rater session. */
  blind: z.boolean(),
  state: projectStateSchema,
  /** Labels or classes changed since the newest finished run. */
  stale: z.boolean(),
  /** Images whose label is another one than that run was given. */
  changedLabels: z.int(),
  labels: z.int(),
  images: z.int(),
  unlabelledOnly: z.int(),
  groups: z.int(),
  unreadable: z.int(),
  checkLabels: z.int(),
  checkImages: z.int(),
  newImages: z.int(),
  goneImages: z.int(),
  changedImages: z.int(),
  /** Folder with the images cannot be reached now. */
  folderGone: z.boolean(),
  waitingDecisions: z.int(),
  classes: z.array(classInfoSchema),
  /** Classes with fewer than 5 training labels, and how many are missing: what "Label images (n to go)" counts. */
  missing: z.array(z.object({ class: z.int(), labels: z.int(), needed: z.int() })),
  /** Sentences of advice before a run; never blocking. `code` is one of the message codes. */
  advice: z.array(z.object({ code: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])) })),
  /** The run that is under way, or can be continued. */
  run: z
    .object({
      id: z.string(),
      state: z.string(),
      pass: z.int().nullable(),
      passes: z.int().nullable(),
      savedAt: z.string().nullable(),
      error: z.string().nullable(),
      errorCode: z.string().nullable(),
      progress: progressSchema.nullable(),
      /** What it met and went on from. */
      notices: z.array(runNoticeSchema),
      /** Where the disk was full: bytes it still wants, and those of the project that are made again when needed. */
      disk: z.object({ needed: z.number(), clearable: z.number() }).nullable(),
    })
    .nullable(),
  /** Newest finished one-click run, and the one that is applied. */
  results: z.object({ run: z.string(), number: z.int() }).nullable(),
  applied: z
    .object({ batch: z.int(), run: z.string(), number: z.int(), named: z.int(), toReview: z.int(), at: z.string() })
    .nullable(),
  /** Progress of looking at the images for suggestions, 0..1; null when done or not begun. */
  looking: z.number().nullable(),
  scanning: progressSchema.nullable(),
  /** Number of the last event of any kind, of the last label commit, and when that was. */
  seq: z.int(),
  savedSeq: z.int(),
  savedAt: z.string().nullable(),
  /** Labels that could not be written and are kept in memory and tried again. */
  unsaved: z.int(),
  /** Bytes the project folder holds, when last measured. */
  bytes: z.number().nullable(),
});
export type ProjectStatus = z.infer<typeof projectStatusSchema>;

export const projectCardSchema = z.object({
  project: z.string(),
  name: z.string(),
  /** Null in a shell that may not know paths. */
  folder: z.string().nullable(),
  openedAt: z.iso.datetime(),
  isThere: z.boolean(),
  images: z.int(),
  labels: z.int(),
  classes: z.int(),
  state: projectStateSchema.nullable(),
  /** Accuracy without and with, of the newest finished run, in 0..1. */
  accuracy: z.tuple([z.number(), z.number()]).nullable(),
  /** Up to six pictures; the key goes into the picture's address. */
  cover: z.array(z.object({ image: z.int(), key: z.string() })),
});
export type ProjectCard = z.infer<typeof projectCardSchema>;
