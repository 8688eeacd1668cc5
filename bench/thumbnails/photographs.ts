import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { generator } from '../../src/engine/data/random.ts';

const width = 4000;
const height = 3000;
/** A photograph is a mosaic of pictures this large, so that it has detail everywhere. */
const tile = 500;
/** Standard deviation of the sensor's noise, in levels of 255: with it a file is as large as a camera's. */
const noise = 7;
const quality = 92;

const samples = fileURLToPath(new URL('../../resources/sample/images/', import.meta.url));

/** Writes photographs of 12 megapixels, as a camera would: colour at half resolution, 3 to 5 MB. Returns their bytes. */
export async function photographs(folder: string, count: number): Promise<number> {
  const files = readdirSync(samples, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'));
  const places = (width / tile) * (height / tile);
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const tiles = await Promise.all(
      Array.from({ length: places }, async (_, place) => ({
        input: await sharp(join(samples, files[(i * places + place) % files.length] as string))
          .resize(tile, tile, { fit: 'cover', kernel: 'cubic' })
          .toBuffer(),
        left: (place % (width / tile)) * tile,
        top: Math.floor(place / (width / tile)) * tile,
      })),
    );
    const background = { width, height, channels: 3 as const, background: '#888' };
    const pixels = await sharp({ create: background }).composite(tiles).removeAlpha().raw().toBuffer();
    // Noise of one row set is drawn once and shifted: drawing 36 million numbers takes longer than all the rest.
    const grain = generator(i, 'grain').normal(1_000_003);
    for (let p = 0; p < pixels.length; p++)
      pixels[p] = Math.max(0, Math.min(255, (pixels[p] as number) + noise * (grain[p % grain.length] as number)));
    const encoded = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality })
      .withExif({ IFD0: { Orientation: '1' } })
      .toBuffer();
    writeFileSync(join(folder, `photograph-${i}.jpg`), encoded);
    bytes += encoded.length;
  }
  return bytes;
}
