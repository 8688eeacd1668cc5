import { z } from 'zod';

/**
 * A project bundle is a zip:
 *
 *   bundle.json   this: what is in it, with hashes
 *   project.db    copy of the database, made through its backup interface
 *   labels.csv    every rater's labels, to be read without Acclimate
 *   runs/…        specifications, results, models
 *   weights/…     weights the runs began with
 *   thumbnails/…  small pictures, only where they were asked for
 *
 * The images themselves stay where they are.
 */
export const bundleSchema = z.object({
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  /** Version of Acclimate that made it. */
  acclimate: z.string(),
  project: z.object({ id: z.string(), name: z.string() }),
  /** Where the audit log stands in the copy. */
  entries: z.int().nonnegative(),
  head: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.int().nonnegative(), sha256: z.string() })),
});
export type Bundle = z.infer<typeof bundleSchema>;

export const bundleFile = 'bundle.json';
/** Folders of a project that go into it. */
export const bundledFolders = { runs: 'runs', weights: 'weights', thumbnails: 'thumbnails' } as const;

const part = String.raw`[\w-][\w.-]*`;
const inFolder = new RegExp(`^(?:${Object.values(bundledFolders).join('|')})(?:/${part})+$`);

/** Whether a file of a bundle may be written below a project: by a name of ours, and nowhere else. */
export const isOurs = (path: string): boolean =>
  path === 'project.db' || path === 'labels.csv' || (inFolder.test(path) && !path.includes('..'));
