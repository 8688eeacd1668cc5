import { z } from 'zod';
import { catalogueSchema } from './catalogue.ts';
import { episodeInputSchema, episodeScoresSchema } from './episodes.ts';
import { deviceSchema, machineInputSchema, machineSchema, needsSchema, speedSchema } from './machine.ts';
import { modelAboutSchema, modelMetadataSchema } from './model-file.ts';
import {
  armSchema,
  checkLabelsSchema,
  heldColumnsSchema,
  manifestImageSchema,
  monitorRowSchema,
  runSpecSchema,
  temperaturesSchema,
  unlikeSchema,
} from './run-files.ts';
import { resultsSchema } from './results.ts';
import { importRecordSchema, weightsImportSchema } from './weights.ts';
import { whySchema } from './why.ts';

const engineChoice = z.enum(['auto', 'onnx', 'eager']);
/** A run, and what it is computed on now: another device may be chosen when it goes on. */
const run = z.object({ runFolder: z.string(), device: deviceSchema });
const cell = run.extend({ arm: armSchema, seed: z.int().nonnegative() });

const predictedSchema = z.object({
  images: z.int(),
  failed: z.array(z.object({ image: z.int(), code: z.string() })),
  imagesPerSecond: z.number(),
});

/** What core may ask of the engine. Every job is idempotent: what is finished in the run folder is not done again. */
export const engineCalls = {
  'machine.describe': { input: machineInputSchema, output: machineSchema },
  /** Times one short step of what the run would do; used for the plan. */
  'machine.time': {
    input: z.object({
      backbone: z.string(),
      method: z.string(),
      size: z.int(),
      batch: z.int(),
      engine: engineChoice,
      device: deviceSchema,
    }),
    output: speedSchema,
  },
  /** What the steps of a run would take, told from their programs. */
  'machine.needs': {
    input: runSpecSchema
      .pick({ method: true, views: true, size: true, regimes: true })
      .extend({ backbone: z.string(), batch: z.int() }),
    output: needsSchema,
  },
  'catalogue.list': {
    /** Where imported weights lie, beside those that ship. */
    input: z.object({ weightsFolders: z.array(z.string()).optional() }),
    output: catalogueSchema,
  },
  /** Checks weights of the user's own against a backbone and writes what it needs of them into `folder`. */
  'weights.import': { input: weightsImportSchema.extend({ folder: z.string() }), output: importRecordSchema },
  /** Fills the decode cache for every image of the manifest. */
  'job.prepare': {
    input: z.object({ runFolder: z.string() }),
    output: z.object({
      decoded: z.int(),
      cached: z.int(),
      failed: z.array(z.object({ image: z.int(), code: z.string() })),
    }),
  },
  'job.adapt': {
    input: run.extend({ seed: z.int().nonnegative() }),
    output: z.object({
      outcome: z.enum(['finished', 'paused', 'collapsed']),
      sha256: z.string(),
      imagesPerSecond: z.number(),
      /** Share of the time in which the engine waited for images. */
      idleShare: z.number(),
      monitor: z.array(monitorRowSchema),
    }),
  },
  /** Pooled features of training-labelled and check images of one arm and seed. */
  'job.embed': { input: cell, output: z.object({ images: z.int(), imagesPerSecond: z.number() }) },
  /** Features of some images of the library, into a piece of the run's folder that is named by its number. */
  'job.embedPiece': {
    input: cell.extend({ piece: z.int().nonnegative(), images: z.array(manifestImageSchema) }),
    output: z.object({ images: z.int(), imagesPerSecond: z.number() }),
  },
  /** Makes one file of the pieces. */
  'job.gather': {
    input: cell.extend({ pieces: z.array(z.int().nonnegative()) }),
    output: z.object({ images: z.int() }),
  },
  'job.finetune': { input: cell.extend({ draw: z.int().nonnegative() }), output: z.object({ regime: z.string() }) },
  /** Temperatures of an arm from training labels alone, when its cells are trained. */
  'job.calibrate': { input: run.extend({ arm: armSchema }), output: temperaturesSchema },
  /** What check images are called by probes on some of the training labels, for the learning curve; 0 steps where there can be none. */
  'job.curve': { input: run.extend({ arm: armSchema }), output: z.object({ steps: z.int() }) },
  /** How training labels of one scanner, stain or site are told by probes that never saw it. */
  'job.columns': { input: run.extend({ arm: armSchema }), output: heldColumnsSchema },
  /** Few-shot episodes on the training labels, by the features of one arm and seed. */
  'job.episodes': { input: cell.extend(episodeInputSchema.shape), output: episodeScoresSchema },
  /** The model that is applied: all training labels, probabilities averaged over seeds. */
  'job.deploy': {
    input: run.extend({ arm: armSchema }),
    output: z.object({ files: z.array(z.string()) }),
  },
  'job.predict': {
    input: run.extend({
      arm: armSchema,
      images: z.array(manifestImageSchema),
      /**
       * Where probabilities go: safetensors with `ids` [n] int32, `probabilities` [n, classes], and, where there is a
       * limit, `distances` [n]: to the nearest training image, as a multiple of the limit; above 1 is unlike them.
       */
      out: z.string(),
    }),
    output: predictedSchema.extend({
      /** Null where the training images cannot be seen any more. */
      unlike: unlikeSchema.nullable(),
    }),
  },
  /** Where an image speaks for a class to the model that is applied, and whether that can be relied on. */
  'job.why': {
    input: run.extend({
      arm: armSchema,
      image: manifestImageSchema,
      /** Index into the run's classes; null asks for what the model calls the image. */
      class: z.int().nonnegative().nullable(),
    }),
    output: whySchema,
  },
  /**
   * Writes the model that is applied as one ONNX file: records in, probabilities out. A new process opens the file and
   * names `images`; where that is not what `job.predict` says of them, the file is deleted.
   */
  'job.export': {
    input: run.extend({
      arm: armSchema,
      images: z.array(manifestImageSchema),
      about: modelAboutSchema,
      out: z.string(),
    }),
    output: z.object({
      metadata: modelMetadataSchema,
      bytes: z.int(),
      sha256: z.string(),
      /** Images both named, and the largest distance between two probabilities. */
      images: z.int(),
      distance: z.number(),
      /** Probabilities of the first image by `job.predict`. */
      first: z.array(z.number()),
    }),
  },
  /** What a model file says of itself, after it was looked through. */
  'model.open': { input: z.object({ file: z.string() }), output: modelMetadataSchema },
  /** As `job.predict`, by a model file, which holds no training images to measure by. */
  'model.predict': {
    input: z.object({
      file: z.string(),
      cacheFolder: z.string(),
      images: z.array(manifestImageSchema),
      out: z.string(),
    }),
    output: predictedSchema,
  },
  /**
   * Features of any images, for suggestions, "find similar" and maps: projected to `width` dimensions by a fixed random
   * matrix, unit length. Appends to `out`: int32 id, then float32 × width, per image.
   */
  'job.features': {
    input: z.object({
      cacheFolder: z.string(),
      device: deviceSchema,
      backbone: z.string(),
      size: z.int(),
      width: z.int().positive(),
      /** Those that ship, those a project keeps by hash, or what a run adapted. */
      weights: z
        .discriminatedUnion('from', [
          z.object({ from: z.literal('shipped') }),
          z.object({ from: z.literal('project'), folder: z.string(), sha256: z.string() }),
          z.object({ from: z.literal('adapted'), file: z.string() }),
        ])
        .default({ from: 'shipped' }),
      images: z.array(z.object({ id: z.int(), path: z.string(), hash: z.string(), page: z.int().optional() })),
      out: z.string(),
    }),
    output: z.object({ images: z.int(), failed: z.array(z.object({ image: z.int(), code: z.string() })) }),
  },
  /** The only call that sees check labels. Also writes `scored.json`, what each check image was called by each arm. */
  evaluate: { input: z.object({ runFolder: z.string(), checkLabels: checkLabelsSchema }), output: resultsSchema },
} as const;
export type EngineCalls = typeof engineCalls;
