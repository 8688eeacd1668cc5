import { z } from 'zod';
import { armSchema } from '../run-files.ts';
import { bytesSchema } from '../view.ts';

const runMap = z.object({ project: z.string(), run: z.string(), arm: armSchema });

/** Points of one answer: 1.3 MB. */
export const MAP_READ_MOST = 100_000;

export const mapColourings = ['class', 'prediction', 'group', 'uncertainty'] as const;
export type MapColouring = (typeof mapColourings)[number];

const mapSchema = z.object({
  images: z.int(),
  /** Images of these that UMAP was fitted on; the others were placed among them. */
  fitted: z.int(),
  madeAt: z.iso.datetime(),
  /** Where points lie together, the largest first; examples are nearest to the middle. */
  clusters: z.array(
    z.object({
      images: z.int(),
      x: z.number(),
      y: z.number(),
      examples: z.array(z.object({ image: z.int(), key: z.string() })),
    }),
  ),
});
export type ImageMap = z.infer<typeof mapSchema>;

export const mapCalls = {
  /** The maps of a run that are there, before and after adaptation. */
  'map.state': {
    input: runMap.omit({ arm: true }),
    output: z.object({
      /** Images of the project that can be read now. */
      images: z.int(),
      plain: mapSchema.nullable(),
      adapted: mapSchema.nullable(),
      /** The run has an adapted backbone. */
      hasAdapted: z.boolean(),
      /** Made right now: `map.make` of the same joins it. */
      making: armSchema.nullable(),
    }),
  },
  /**
   * Makes the map of one model of a run: features of all images, where they are missing, then places. Progress comes
   * with the stages `features`, `fit` and `place`. Cancelled, it keeps the features and goes on from there.
   */
  'map.make': { input: runMap, output: mapSchema },
  /** Points `from` to `from + count`, in an order of which any first part is a fair sample; little-endian. */
  'map.read': {
    input: runMap.extend({ from: z.int().nonnegative(), count: z.int().positive().max(MAP_READ_MOST) }),
    output: z.object({
      /** Int32 each. */
      ids: bytesSchema,
      /** Float32 x and y each, within −1..1. */
      places: bytesSchema,
      /** Uint8 each, places in the list of clusters. */
      clusters: bytesSchema,
    }),
  },
  /**
   * What each point is coloured by, as the rater may see it: Uint16 little-endian in the order of the points, 0 for
   * nothing. Classes: id + 1. Groups: place in `names` + 1, the last of which takes all further ones where it is empty.
   * Uncertainty: 1 + thousandths that the probability of the called class lacks to 1.
   */
  'map.colours': {
    input: runMap.extend({ rater: z.string(), by: z.enum(mapColourings) }),
    output: z.object({ values: bytesSchema, names: z.array(z.string()) }),
  },
} as const;
