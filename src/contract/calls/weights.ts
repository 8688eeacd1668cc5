import { z } from 'zod';
import { importRecordSchema, weightsImportSchema } from '../weights.ts';

/** Weights of the user's own. They belong to the user, not to a project; a run keeps a copy of those it uses. */
export const weightsCalls = {
  'weights.import': { input: weightsImportSchema, output: importRecordSchema },
  /** The last imported first. */
  'weights.list': {
    input: z.object({}),
    output: z.object({
      /** Every backbone weights can be of. */
      backbones: z.array(z.string()),
      weights: z.array(importRecordSchema),
    }),
  },
  /** Copies that runs keep stay. */
  'weights.remove': { input: z.object({ sha256: z.string() }), output: z.object({}) },
} as const;
