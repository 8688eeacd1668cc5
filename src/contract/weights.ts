import { z } from 'zod';

/** Weights of the user's own: a .safetensors file with timm's names, and where it comes from as the user states it. */
export const weightsImportSchema = z.object({
  file: z.string(),
  backbone: z.string(),
  licence: z.string().default('not stated'),
  source: z.string().default('not stated'),
  /** Side in pixels the network was trained at. */
  side: z.int().positive().default(224),
});

export const importedWeightsSchema = z.object({
  backbone: z.string(),
  file: z.string(),
  sha256: z.string(),
  licence: z.string(),
  source: z.string(),
});
