import { z } from 'zod';
import { regimeSchema } from './run-files.ts';

/** Few-shot episodes on the training labels: of what shape, how many, and by which regimes beside prototypes and probe. */
export const episodeInputSchema = z.object({
  way: z.int().min(2).max(100).default(5),
  shots: z.int().min(1).max(100).default(5),
  queries: z.int().min(1).max(100).default(15),
  episodes: z.int().min(2).max(10_000).default(200),
  /** Regimes that train the backbone. */
  regimes: z.array(regimeSchema.exclude(['probe'])).default([]),
  /** On how many of the episodes those train: each takes as long as a short fine-tuning. */
  trained: z.int().min(2).max(1000).default(5),
  /** Seed of the episodes: the same for all that are compared. */
  drawSeed: z.int().nonnegative().default(0),
});
export type EpisodeInput = z.infer<typeof episodeInputSchema>;

export const scorerSchema = z.union([z.literal('protonet'), regimeSchema]);

/** Accuracy over episodes: its mean and the 95 % range of that. */
export const episodeScoresSchema = z.object({
  scores: z.array(
    z.object({
      name: scorerSchema,
      episodes: z.int(),
      mean: z.number(),
      ci: z.tuple([z.number(), z.number()]),
    }),
  ),
});
export type EpisodeScores = z.infer<typeof episodeScoresSchema>;

export const rankInputSchema = episodeInputSchema.omit({ drawSeed: true }).extend({
  project: z.string(),
  /** Backbones by name; without any and without runs, all whose weights are there. */
  backbones: z.array(z.string()).default([]),
  /** Runs whose adapted backbone takes part. */
  runs: z.array(z.string()).default([]),
  size: z.int().min(32).max(1024).optional(),
  seed: z.int().nonnegative().default(0),
  engine: z.enum(['auto', 'onnx', 'eager']).optional(),
});
export type RankInput = z.infer<typeof rankInputSchema>;

export const rankingSchema = z.object({
  /** The best by the probe first. */
  candidates: z.array(episodeScoresSchema.extend({ name: z.string() })),
  /** How well the order by a cheaper scorer agrees with the order by full fine-tuning; null below 4 candidates. */
  foretells: z.array(z.object({ name: scorerSchema, tau: z.number().nullable() })),
});
export type Ranking = z.infer<typeof rankingSchema>;
