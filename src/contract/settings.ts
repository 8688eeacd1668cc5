import { z } from 'zod';
import { deviceSchema } from './machine.ts';

/** Someone who labels. Initials and colour tell people apart on the screen; nothing here is a password. */
export const personSchema = z.object({
  name: z.string().trim().min(1).max(60),
  initials: z.string().trim().min(1).max(3),
  /** Number of a class colour, 1–12. */
  colour: z.int().min(1).max(12),
});
export type Person = z.infer<typeof personSchema>;

/** What is kept for this computer, in the user's settings folder. */
export const settingsSchema = z.object({
  theme: z.enum(['dark', 'light', 'contrast', 'system']).default('dark'),
  language: z.enum(['en', 'de', 'pseudo', 'system']).default('system'),
  density: z.enum(['compact', 'comfortable', 'touch']).default('compact'),
  /** Percent. */
  fontScale: z.int().min(90).max(150).default(100),
  motion: z.enum(['system', 'reduced', 'full']).default('system'),
  /** How much the live region says. */
  verbosity: z.enum(['quiet', 'normal', 'all']).default('normal'),
  /** Command id → keys in the notation of tinykeys; replaces the default of that command. */
  keys: z.record(z.string(), z.array(z.string())).default({}),
  /** Single-key commands act (WCAG 2.1.4). */
  singleKeys: z.boolean().default(true),
  lettersNameClasses: z.boolean().default(false),
  people: z.array(personSchema).default([]),
  /** Name of the person at this computer. */
  rater: z.string().nullable().default(null),
  /** Pictures and names are not shown on Home. */
  privateHome: z.boolean().default(false),
  device: deviceSchema.default('auto'),
  cacheBudgetBytes: z.number().positive().default(20e9),
});
export type Settings = z.infer<typeof settingsSchema>;
export const settingsChangeSchema = z.object(
  Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([name, field]) => [name, field.unwrap().optional()]),
  ) as {
    [K in keyof typeof settingsSchema.shape]: z.ZodOptional<ReturnType<(typeof settingsSchema.shape)[K]['unwrap']>>;
  },
);

/** What an administrator fixed for this computer; it wins over everything a user sets. */
export const policySchema = z.object({
  /** New projects go here, and nowhere else. */
  projectRoot: z.string().optional(),
  /** `acclimate serve` is refused. */
  serve: z.boolean().default(true),
  /** Reports and exports hold no pictures. */
  imagesInReports: z.boolean().default(true),
});
export type Policy = z.infer<typeof policySchema>;
