import { z } from 'zod';

/** Mean over what was removed of how sure the model still was, 0..1, and how sure at each step. */
const deletionSchema = z.object({ area: z.number(), curve: z.array(z.number()) });

/** Where covering a picture makes the applied model less sure of a class, and whether that can be relied on. */
export const whySchema = z.object({
  /** The picture is cut into rows × columns cells. */
  rows: z.int().positive(),
  columns: z.int().positive(),
  /** Of the run's classes, the one that is asked about. */
  class: z.int(),
  /** What the model calls the picture. */
  called: z.int(),
  /** How sure it is of each class, 0..1. */
  probabilities: z.array(z.number()),
  /**
   * For each cell, row by row, the mean drop of the class's probability over the patches that cover it; below 0 where
   * covering makes the model surer.
   */
  map: z.array(z.number()),
  /** The cells are covered one part after the other: in the map's order, and in orders by chance. */
  deletion: z.object({
    map: deletionSchema,
    /** Mean over the orders. */
    random: deletionSchema,
    orders: z.int().positive(),
    /** Orders that the map's is better than. */
    beaten: z.int().nonnegative(),
  }),
  /** Labelled images the model learned from that look most like this one to it, nearest first. */
  near: z.array(z.object({ image: z.int(), class: z.int() })),
});
export type Why = z.infer<typeof whySchema>;
