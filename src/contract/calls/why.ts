import { z } from 'zod';
import { armSchema } from '../run-files.ts';
import { whySchema } from '../why.ts';

/** As the page gets it: with names, and the keys of pictures. */
const shownWhySchema = whySchema.extend({
  run: z.string(),
  arm: armSchema,
  /** Names of the run's classes, which its numbers are places in. */
  classes: z.array(z.string()),
  near: z.array(z.object({ image: z.int(), key: z.string(), class: z.int() })),
});
export type ShownWhy = z.infer<typeof shownWhySchema>;

export const whyCalls = {
  /**
   * Where an image speaks for a class to a model of a run: by covering parts of it. Progress comes with the stage
   * `why`. Not for a blind rater, nor for a check image the rater has not labelled, unless the run was scored on it.
   */
  'images.why': {
    input: z.object({
      project: z.string(),
      rater: z.string(),
      image: z.int(),
      run: z.string(),
      /** The model that is applied where absent. */
      arm: armSchema.optional(),
      /** Place in the run's classes; null asks for what the model calls the image. */
      class: z.int().nonnegative().nullable().default(null),
    }),
    output: shownWhySchema,
  },
} as const;
