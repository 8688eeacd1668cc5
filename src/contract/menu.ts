import { z } from 'zod';

/** The menu bar as the page wants it, in the user's language: what is chosen comes back as the id of a command. */
export const menuSchema = z
  .array(
    z.object({
      title: z.string().min(1).max(60),
      items: z
        .array(
          z.object({
            /** Id of a command; null: a line. */
            id: z.string().max(60).nullable(),
            title: z.string().max(120),
            /** Shown beside it, in the notation of tinykeys; the page itself listens to keys. */
            keys: z.string().max(40).nullable(),
          }),
        )
        .max(60),
    }),
  )
  .max(12);
export type Menu = z.infer<typeof menuSchema>;
