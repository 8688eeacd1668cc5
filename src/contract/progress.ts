import { z } from 'zod';

/** How far a piece of work is. `fraction` never falls within one piece of work. */
export const progressSchema = z.object({
  /** Stable name of the stage, such as `prepare`, `adapt`, `train`, `check`, `write`. */
  stage: z.string(),
  /** 0 to 1 over the whole piece of work. */
  fraction: z.number().min(0).max(1),
  /** Images (or files) per second, where it is known. */
  rate: z.number().nonnegative().optional(),
  /** Seconds left, where it can be told. */
  secondsLeft: z.number().nonnegative().optional(),
  /** One plain sentence of detail, such as "pass 2 of 4". */
  detail: z.string().optional(),
  /** Pass under way, counted from 1, and how many there are. */
  pass: z.tuple([z.int(), z.int()]).optional(),
});
export type Progress = z.infer<typeof progressSchema>;
