import type { Backbone } from './types.ts';

/**
 * Which layer a parameter belongs to, counted from the image: 0 is the stem, `layers.length − 1` what the features come
 * out of. With layer-wise decay d its rate is multiplied by d to the power of `layers.length − 1 − layer`.
 * @throws where the backbone has no such parameter
 */
export function layerOf({ name: backbone, layers }: Pick<Backbone, 'name' | 'layers'>, parameter: string): number {
  const found = layers.findIndex((starts) =>
    starts.some((start) => parameter === start || parameter.startsWith(`${start}.`)),
  );
  if (found < 0) throw new Error(`no layer of ${backbone} holds ${parameter}`);
  return found;
}
