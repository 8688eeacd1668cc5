import sharp from 'sharp';

/**
 * A made-up picture to try an exported model on: gradients, a disc, stripes and noise, the same every time. An image of
 * the project could show a patient.
 * @returns PNG of side × side pixels
 */
export function testImage(side: number): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [across, down] = [x / side, y / side];
      const inDisc = (across - 0.4) ** 2 + (down - 0.55) ** 2 < 0.07;
      const stripe = Math.floor((x + y) / 6) % 2;
      const noise = Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1) >>> 27;
      const colour = inDisc ? [120 + 60 * down, 40, 130 - 40 * across] : [235 - 60 * across, 190 + 30 * down, 215];
      colour.forEach((value, c) => (pixels[(y * side + x) * 3 + c] = value - 18 * stripe + noise - 16));
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}
