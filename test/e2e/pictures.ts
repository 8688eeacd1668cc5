import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** A small picture that no other number gives. */
export const picture = (number: number): Promise<Buffer> =>
  sharp({
    create: { width: 48, height: 48, channels: 3, background: { r: number % 256, g: (number * 37) % 256, b: 90 } },
  })
    .png()
    .toBuffer();

/** Pictures that are all different, in a folder. */
export async function writePictures(folder: string, count: number, first = 0): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let at = 0; at < count; at++) {
    writeFileSync(join(folder, `${String(at).padStart(3, '0')}.png`), await picture(first + at));
  }
}
