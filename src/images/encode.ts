import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { decode, readHeader } from './decode.ts';
import { withFile } from './inspect.ts';
import type { EncodedImage, EncodeOptions, ImageSource } from './types.ts';

const thumbQuality = 80;
/** Nothing that is judged by eye may come from the copy: fine steps, and colour in every pixel. */
const viewQuality = 95;
/** Up to this many pixels a copy without loss is small enough. */
const losslessPixels = 1_000_000;

/**
 * A copy to look at, no larger than `side` and never enlarged: by the same decoder as everything else.
 * @throws ImageFailure
 */
export async function encode(source: ImageSource, { side, use }: EncodeOptions): Promise<EncodedImage> {
  const hash = createHash('sha256');
  const { pixels, width, height } = await withFile(source.path, hash, async (file) => {
    const page = source.page ?? 0;
    const header = await readHeader(file, page);
    return decode(file, header, { width: side, height: side, mode: 'reduce' }, page);
  });
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
  const isLossless = use === 'view' && width * height <= losslessPixels;
  const encoded = isLossless
    ? picture.png({ compressionLevel: 3 })
    : picture.jpeg(use === 'view' ? { quality: viewQuality, chromaSubsampling: '4:4:4' } : { quality: thumbQuality });
  return {
    type: isLossless ? 'image/png' : 'image/jpeg',
    encoded: await encoded.toBuffer(),
    hash: hash.digest('hex'),
  };
}
