import { z } from 'zod';

/** A project this computer has opened before. */
export const recentProjectSchema = z.object({
  project: z.string(),
  name: z.string(),
  openedAt: z.iso.datetime(),
  /** Whether the folder is there now. */
  isThere: z.boolean(),
});
export type RecentProject = z.infer<typeof recentProjectSchema>;
