import { wilson } from './wilson.ts';

/** Less than this is no reason to look, however small the usual share was found to be. */
const leastShare = 0.05;

/**
 * Whether a share is far above the usual one: twice as large at least, and its 95 % range wholly above that of the
 * usual share, so that a few images, or a usual share that a few images told, raise no alarm.
 */
export function isFarAbove(
  hits: number,
  of: number,
  usual: { readonly share: number; readonly images: number },
): boolean {
  if (of === 0 || hits / of < 2 * Math.max(leastShare, usual.share)) return false;
  const [low] = wilson(hits, of);
  const [, high] = wilson(usual.share * usual.images, usual.images);
  return low > high;
}
