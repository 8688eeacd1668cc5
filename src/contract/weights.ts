import { z } from 'zod';

/** Weights of the user's own: a file, and where it comes from as the user states it. */
export const weightsImportSchema = z.object({
  file: z.string(),
  backbone: z.string(),
  licence: z.string().trim().min(1).max(500).default('not stated'),
  source: z.string().trim().min(1).max(500).default('not stated'),
  /** Side in pixels the network was trained at. */
  side: z.int().positive().max(4096).default(224),
});

/** One set of weights, in the folder of its manifest or record. */
export const weightsEntrySchema = z.object({
  backbone: z.string(),
  /** File name. */
  file: z.string().regex(/^[\w.-]+\.safetensors$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  licence: z.string(),
  source: z.string(),
  /** Images in [0,1] become (x − mean) / std, per channel. */
  preprocessing: z.object({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3) }),
  /** Side in pixels the network was trained at. */
  side: z.int().positive(),
});
export type WeightsEntry = z.infer<typeof weightsEntrySchema>;

/** What is written beside imported weights, under the same name. */
export const importRecordSchema = weightsEntrySchema.extend({
  importedAt: z.iso.datetime(),
  /** The file they were taken from, as it was brought. */
  origin: z.object({
    name: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    format: z.enum(['safetensors', 'pytorch', 'pytorch-legacy', 'npz']),
    /** Which of several state dicts, such as `state_dict`; empty where the file is one. */
    part: z.string(),
    /** Before every name, such as `module.`. */
    prefix: z.string(),
    /** Whose names its tensors have. */
    names: z.enum(['timm', 'torchvision', 'BiT']),
    /** What was not taken, such as the classifier: how many tensors, and the first of their names. */
    left: z.object({ count: z.int().nonnegative(), names: z.array(z.string()) }),
  }),
});
export type ImportRecord = z.infer<typeof importRecordSchema>;
