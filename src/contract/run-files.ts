import { z } from 'zod';

/**
 * The files of a run folder that pass between core and engine. Core writes `spec.json` and `manifest.json` once,
 * before the run starts, and never again; the engine reads them and writes only into the same folder.
 *
 *   runs/<id>/spec.json                            what to do
 *   runs/<id>/manifest.json                        with which images and training labels (never a check label)
 *   runs/<id>/adapt/seed-<s>.safetensors           adapted backbone, and its last saved point
 *   runs/<id>/adapt/seed-<s>.json                  monitor curve: one row per epoch
 *   runs/<id>/features/<arm>-<s>.safetensors       pooled features of training-labelled and check images
 *   runs/<id>/features/tuned-<arm>.safetensors     features of training-labelled images by the tuned model that is applied
 *   runs/<id>/predictions/<arm>-<s>-<d>.safetensors  probabilities of the check images, one draw and seed
 *   runs/<id>/predictions/<arm>-without-columns-<s>-<d>.safetensors  the same without the columns, where a run uses some
 *   runs/<id>/predictions/curve-<arm>.safetensors    what check images are called with fewer labels
 *   runs/<id>/models/<arm>-<s>-<d>.safetensors     model of that cell; a tuned one only where all training labels are in the draw
 *   runs/<id>/models/deploy-<arm>-<s>.safetensors  what is applied: the mean of the probabilities over seeds
 *   runs/<id>/models/temperatures-<arm>.json       what probabilities are corrected by, fitted on training labels alone
 *   runs/<id>/models/unlike-<arm>.json         from which distance on an image is unlike the training images
 *   runs/<id>/models/held-columns-<arm>.json       what is told of a scanner by models that never saw it
 *   runs/<id>/scores.json                          what `evaluate` computed
 *   runs/<id>/scored.json                          the check images behind the scores
 *   runs/<id>/map/<arm>.features                   features of all images, while core makes a map of them
 */
export const regimeNames = ['probe', 'norm', 'staged', 'full', 'hyper-rule'] as const;
export const armNames = ['plain', 'adapted'] as const;
export type RegimeName = (typeof regimeNames)[number];
export type ArmName = (typeof armNames)[number];
export const armSchema = z.enum(armNames);
export const regimeSchema = z.enum(regimeNames);

/** Side in pixels of a cache record for a network that sees `size`: 4/3 of it, rounded up to 32: room for crops. */
export const recordSideOf = (size: number): number => Math.ceil((size * 4) / 3 / 32) * 32;

/** Share of each class's training labels that a draw trains with. */
export const fractionSchema = z.number().gt(0).lt(1);
/** As it is written: 7 of 0.07, which is no exact number. */
export const percentOf = (fraction: number): number => Number((100 * fraction).toFixed(4));

export const runSpecSchema = z.object({
  version: z.literal(1),
  runId: z.string().regex(/^[a-z0-9-]+$/),
  createdAt: z.iso.datetime(),
  /** Seed of everything random in the run: draws, order of images, views, heads. */
  seed: z.int().nonnegative(),
  /** Side in pixels the network sees. */
  size: z.int().min(32).max(1024),
  /** Side in pixels of a cache record. */
  recordSide: z.int(),
  backbone: z.object({ name: z.string(), weightsSha256: z.string() }),
  method: z.object({
    name: z.string(),
    settings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  }),
  /** Preset of views, by name in the engine's catalogue. */
  views: z.string(),
  adapt: z.object({
    epochs: z.int().nonnegative(),
    batch: z.int().positive(),
    seeds: z.int().positive(),
    maxImages: z.int().positive(),
  }),
  /** More than one: each arm picks its own by cross-validation on training labels. */
  regimes: z.array(regimeSchema).min(1),
  /** A method whose loss is added to the supervised one where the backbone is tuned on labels, with this weight. */
  auxiliary: z.object({ method: z.string(), weight: z.number().positive() }).optional(),
  /** Where a regime trains the backbone, what batch normalisation takes its statistics from; `frozen` where absent. */
  tuneStatistics: z.enum(['frozen', 'batch']).optional(),
  /** Rate of each layer of the backbone over that of the layer behind it; absent where all train alike. */
  layerDecay: z.number().min(0.1).max(1).optional(),
  testTimeAugmentation: z.boolean(),
  protocol: z.object({
    /**
     * `shots`: K labels per class and draw. `fraction`: a share of each class's training labels per draw. `subsample`:
     * 80 % of them per draw, all labels for the model that is applied.
     */
    kind: z.enum(['shots', 'fraction', 'subsample']),
    shots: z.int().positive().optional(),
    fraction: fractionSchema.optional(),
    draws: z.int().positive(),
    /** `repeated`: below 30 labelled check images, repeated splits of all labels (Nadeau–Bengio). */
    check: z.enum(['reserved', 'repeated']),
  }),
  engine: z.enum(['auto', 'onnx', 'eager']),
});
export type RunSpec = z.infer<typeof runSpecSchema>;

/**
 * Which seeds a draw is trained with: all of them, but for draws that only show the spread (`subsample`, beside
 * draw 0), where the first is enough.
 */
export const seedsOfDraw = ({ protocol, adapt }: RunSpec, draw: number): number[] =>
  Array.from(
    { length: protocol.kind === 'subsample' && protocol.check === 'reserved' && draw > 0 ? 1 : adapt.seeds },
    (_, seed) => seed,
  );

/** A column of the table that came with the images, and how its values are read. */
export const columnSchema = z.object({ name: z.string(), kind: z.enum(['number', 'category']) });
export type Column = z.infer<typeof columnSchema>;
/** Null where it is missing. */
export const columnValueSchema = z.union([z.number(), z.string(), z.null()]);
export type ColumnValue = z.infer<typeof columnValueSchema>;

export const manifestImageSchema = z.object({
  /** Row id of the image in the project; also its slot in the cache. */
  id: z.int().nonnegative(),
  /** Absolute path of the source file. */
  path: z.string(),
  /** sha256 of the file's bytes, hex. */
  hash: z.string(),
  /** Page of a multi-page file. */
  page: z.int().nonnegative().optional(),
  /** Values of the manifest's columns, in their order; absent where all are missing. */
  columns: z.array(columnValueSchema).optional(),
});
export const manifestSchema = z.object({
  version: z.literal(1),
  cacheFolder: z.string(),
  /** Groups (patient, slide, plate) of the library; absent where images have none, and clusters are images. */
  groups: z.int().positive().optional(),
  images: z.array(manifestImageSchema),
  /** At least two, unless the run only adapts. */
  classes: z.array(z.object({ id: z.int(), name: z.string() })),
  /** Images the adaptation may learn from. Never a check image. */
  adapt: z.array(z.int()),
  /** Training labels that count: image id and index into `classes`. */
  training: z.array(z.object({ image: z.int(), class: z.int(), group: z.int() })),
  /**
   * Each draw: training image ids (and, for `repeated`, the held-out ids scored in that draw). With `subsample` and
   * `reserved`, draw 0 is all training labels, as the model that is applied has them, and the others show the spread.
   */
  draws: z.array(z.object({ train: z.array(z.int()), score: z.array(z.int()).optional() })),
  /** What joins the features in the head; absent where nothing does. */
  columns: z.array(columnSchema).min(1).optional(),
  /** Labelled check images, ids only: their labels reach `evaluate` alone. */
  check: z.array(z.int()),
  /**
   * Those of `check` that were drawn to be labelled, and how likely each was to be; the others were labelled by hand
   * or imported. Scores weigh by the inverse.
   */
  drawn: z.array(z.object({ image: z.int(), probability: z.number().positive().max(1) })).optional(),
  /** Columns that results are reported by (scanner, stain, site): the values of training-labelled images. */
  reportBy: z
    .array(z.object({ column: z.string(), values: z.array(z.object({ image: z.int(), value: z.string() })) }))
    .optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;
/** Images that are trained with or scored on, each once, by id. */
export const labelledImages = ({
  training,
  check,
  draws,
}: {
  readonly training: readonly { readonly image: number }[];
  readonly check: readonly number[];
  readonly draws: readonly { readonly score?: readonly number[] | undefined }[];
}): number[] =>
  [...new Set([...training.map(({ image }) => image), ...check, ...draws.flatMap(({ score }) => score ?? [])])].sort(
    (a, b) => a - b,
  );

export type ManifestImage = z.infer<typeof manifestImageSchema>;

/** One row per epoch of an adaptation; row 0 is before the first step. */
export const monitorRowSchema = z.object({
  epoch: z.int().nonnegative(),
  loss: z.number().nullable(),
  /** Mean over dimensions of the standard deviation of unit-length embeddings, times sqrt(dimension); 1 is spread evenly. */
  embeddingStd: z.number(),
  effectiveRank: z.number(),
  /** Leave-one-group-out kNN accuracy on training labels, 0..1; null without enough labels. */
  knnAccuracy: z.number().nullable(),
  learningRate: z.number(),
  imagesPerSecond: z.number().nullable(),
  /**
   * Mean over the pass of what shows the method failing in its own way: at or below `floor` twice in a row it means
   * that. Absent before the first pass, and where a method has none.
   */
  sign: z.object({ value: z.number(), floor: z.number(), means: z.enum(['collapsed', 'stalled']) }).optional(),
});
/** What a run met and went on from, by the code of its message: `train.nan`, `memory.out`. */
export const runNoticeSchema = z.object({
  code: z.enum(['train.nan', 'memory.out']),
  params: z.record(z.string(), z.number()),
});
export type RunNotice = z.infer<typeof runNoticeSchema>;
export type MonitorRow = z.infer<typeof monitorRowSchema>;

/** A temperature and the number of held-out training labels it was fitted on. */
const temperatureSchema = z.object({ temperature: z.number().positive(), labels: z.int().positive() });
/**
 * What the logits of each model of an arm are divided by before their probabilities are averaged over seeds. A null stands where there were too few
 * labels to hold any out, or holding them out would take another training of the backbone for each draw.
 */
export const temperaturesSchema = z.object({
  version: z.literal(1),
  /** One per draw of the manifest. */
  draws: z.array(temperatureSchema.nullable()),
  /** Of the model that is applied, which is trained on all training labels. */
  applied: temperatureSchema.nullable(),
});
export type Temperatures = z.infer<typeof temperaturesSchema>;

/** Which images are unlike the training images, as it was calibrated on these: each held out, with its group. */
export const unlikeSchema = z.object({
  version: z.literal(1),
  /** Training images that were held out. */
  labels: z.int().nonnegative(),
  /** Distance in feature space beyond which an image is unlike them; null where there are too few to tell. */
  limit: z.number().positive().nullable(),
  /**
   * Share of images like the training ones that is called unlike them: among so many check images, or, with few of
   * these, as it is expected from the training images. Null where there is no limit.
   */
  usual: z.object({ share: z.number().min(0).max(1), images: z.int().positive() }).nullable(),
});
export type Unlike = z.infer<typeof unlikeSchema>;

/**
 * For each column that results are reported by and each of its values: of its training labels, how many a probe names
 * correctly that was trained without that value, and how many one that was trained with it (others of it, out of fold).
 */
export const heldColumnsSchema = z.object({
  version: z.literal(1),
  columns: z.array(
    z.object({
      column: z.string(),
      rows: z.array(
        z.object({
          value: z.string(),
          labels: z.int(),
          without: z.int(),
          with: z.int(),
          /** without − with, as a share, and its 95 % range. */
          difference: z.object({ mean: z.number(), ci: z.tuple([z.number(), z.number()]) }),
        }),
      ),
    }),
  ),
});
export type HeldColumns = z.infer<typeof heldColumnsSchema>;

/** Check labels, handed to `evaluate` only. `cluster` is the group (or the image where there is none). */
export const checkLabelsSchema = z.array(z.object({ image: z.int(), class: z.int(), cluster: z.int() }));
export type CheckLabels = z.infer<typeof checkLabelsSchema>;

/** What one model said of an image: the class, and how sure it was. */
const answerSchema = z.object({
  called: z.int(),
  probability: z.number(),
  /** The same probability after correction; absent where there is none, and in runs from before it was kept. */
  corrected: z.number().optional(),
});
const calledSchema = answerSchema.extend({
  /**
   * Whether each scored draw and seed named it correctly, 0 or 1, [draws][seeds]: their mean over images is the accuracy
   * of the run. Of repeated splits the draws that held it out. Absent in runs from before it was kept.
   */
  hits: z
    .array(z.array(z.int().min(0).max(1)).min(1))
    .min(1)
    .optional(),
  /** The mean of these, of runs from before they were kept one by one. */
  right: z.number().min(0).max(1).optional(),
  /**
   * Where several label draws are scored, what the model of each (the mean of its seeds) said by itself: an applied
   * model is one of these, never the mean over draws, so there `corrected` stands here alone. Absent where one draw is
   * scored, and in runs from before it was kept.
   */
  draws: z
    .array(answerSchema.extend({ draw: z.int() }))
    .min(1)
    .optional(),
});

/**
 * What each check image was called, by the mean of its probabilities over the seeds and draws that are scored.
 * Written by `evaluate`, read by core to show the images behind a number.
 */
export const scoredSchema = z.object({
  version: z.literal(1),
  images: z.array(
    z.object({
      image: z.int(),
      class: z.int(),
      cluster: z.int(),
      /** How much it counts, where check images were not all as likely to be drawn; 1 is the mean. */
      weight: z.number().positive().optional(),
      plain: calledSchema,
      adapted: calledSchema,
    }),
  ),
});
export type Scored = z.infer<typeof scoredSchema>;
