import { z } from 'zod';
import { armSchema, recordSideOf, regimeSchema } from './run-files.ts';

/** How far the probabilities of a file may lie from the app's own. */
export const modelTolerance = 1e-4;

/** What a model that left the app says of itself. Each entry stands in the file's metadata, as JSON, under its name. */
export const modelMetadataSchema = z
  .object({
    format: z.literal('acclimate-model'),
    version: z.literal(1),
    /** Version of Acclimate that wrote it. */
    acclimate: z.string().max(40),
    createdAt: z.iso.datetime(),
    run: z.string().regex(/^[a-z0-9-]{1,80}$/),
    arm: armSchema,
    /** In the order of the probabilities. */
    classes: z.array(z.string().min(1).max(1000)).min(2).max(10_000),
    /** By class: what lies below is left undecided. */
    thresholds: z.array(z.number().min(0).max(1)),
    /** Side in pixels of the images it takes, and of those the network inside sees. */
    recordSide: z.int(),
    size: z.int().min(32).max(1024),
    backbone: z.string().max(80),
    regime: regimeSchema,
    testTimeAugmentation: z.boolean(),
    /** Models inside, whose probabilities are averaged. */
    models: z.int().positive(),
    /** What the logits are divided by. */
    temperature: z.number().positive(),
    /** Of the bytes of the graph: tells a file that was damaged or changed. */
    graphSha256: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .refine(({ classes }) => new Set(classes).size === classes.length, { message: 'two classes have one name' })
  .refine(({ classes, thresholds }) => thresholds.length === classes.length, { message: 'a threshold is missing' })
  .refine(({ recordSide, size }) => recordSide === recordSideOf(size), { message: 'the sides do not belong together' });
export type ModelMetadata = z.infer<typeof modelMetadataSchema>;

/** What core knows of a model beside what is in the run folder. */
export const modelAboutSchema = z.object({
  acclimate: z.string(),
  createdAt: z.iso.datetime(),
  thresholds: z.array(z.number()),
});
