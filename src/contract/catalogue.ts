import { z } from 'zod';

const value = z.union([z.number(), z.string(), z.boolean()]);

/** What a form says of a setting, and what it may be. */
const declaredSchema = z.object({
  gloss: z.string(),
  range: z.tuple([z.number(), z.number()]).optional(),
  /** Numbers without a fraction. */
  whole: z.boolean().optional(),
  choices: z.array(z.string()).optional(),
  unit: z.string().optional(),
});

export const catalogueSchema = z.object({
  backbones: z.array(
    z.object({
      name: z.string(),
      family: z.string(),
      features: z.int(),
      /** How activations are normalised; only batch normalisation has batch statistics. */
      norm: z.enum(['batch', 'group', 'layer']),
      /** Side in pixels its published weights were trained at. */
      side: z.int(),
      /** Sides it can look at are multiples of this. */
      sideStep: z.int(),
      weights: z.string().nullable(),
      sha256: z.string().nullable(),
      licence: z.string().nullable(),
    }),
  ),
  methods: z.array(
    z.object({
      name: z.string(),
      summary: z.string(),
      settings: z.record(z.string(), value),
      /** Of each setting, by its name. */
      declared: z.record(z.string(), declaredSchema),
      batch: z.int(),
      epochs: z.int(),
    }),
  ),
  regimes: z.array(z.object({ name: z.string(), summary: z.string() })),
  views: z.array(z.object({ name: z.string(), summary: z.string() })),
});
export type Catalogue = z.infer<typeof catalogueSchema>;
