import { z } from 'zod';
import { armSchema } from '../run-files.ts';
import { predictionSummarySchema } from '../runs.ts';

const seat = z.object({ project: z.string(), rater: z.string() });

export const modelCalls = {
  /**
   * Writes the model that is applied of a run into a new folder inside `folder`, never among the images: one ONNX file,
   * checked in a new process, and what belongs to it.
   */
  'models.export': {
    input: seat.extend({ run: z.string(), arm: armSchema.optional(), folder: z.string() }),
    output: z.object({
      run: z.string(),
      arm: armSchema,
      folder: z.string(),
      files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
      /** Images the file was tried on, and the largest distance to a probability of the app. */
      images: z.int(),
      distance: z.number(),
    }),
  },
  /** As `predict`, by a model file of this project or another. */
  'models.predict': {
    input: seat
      .extend({
        file: z.string(),
        /** Another folder of images; those of the project without it. */
        images: z.string().optional(),
        /** The table, or the folder where it goes under a name of its own. */
        out: z.string().optional(),
        folder: z.string().optional(),
      })
      .refine(({ out, folder }) => (out === undefined) !== (folder === undefined), {
        message: 'either out or folder is needed',
      }),
    output: predictionSummarySchema,
  },
} as const;
