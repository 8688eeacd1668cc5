import { z } from 'zod';

/** A cell of the table as `acclimate compare` tells it, with where it stands. Scores are shares of 1. */
export const recordSchema = z.array(
  z.object({
    set: z.string(),
    part: z.string(),
    name: z.string(),
    /** Processor and date. */
    machine: z.string(),
    regime: z.string(),
    shots: z.number(),
    state: z.string(),
    verdict: z.string().nullable(),
    'accuracy without': z.number().nullable(),
    'accuracy with': z.number().nullable(),
    'accuracy difference': z.number().nullable(),
    'accuracy from': z.number().nullable(),
    'accuracy to': z.number().nullable(),
    'macroF1 difference': z.number().nullable(),
    'auc difference': z.number().nullable(),
    'check images': z.number().nullable(),
    error: z.string().nullable(),
  }),
);
export type Row = z.infer<typeof recordSchema>[number];
