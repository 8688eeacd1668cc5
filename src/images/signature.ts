import type { Picture } from './decode.ts';

/** Area-averaged grey (Rec. 601 luma, 0..255) of a picture, brought to width×height cells. */
function averageGrey(picture: Picture, width: number, height: number): Float64Array {
  const grey = new Float64Array(picture.width * picture.height);
  for (let i = 0, p = 0; i < grey.length; i++, p += 3) {
    const [r, g, b] = [picture.pixels[p], picture.pixels[p + 1], picture.pixels[p + 2]] as [number, number, number];
    grey[i] = 0.299 * r + 0.587 * g + 0.114 * b;
  }
  const columns = new Float64Array(picture.height * width);
  for (let y = 0; y < picture.height; y++) {
    averageLine(grey, y * picture.width, 1, picture.width, columns, y * width, 1, width);
  }
  const cells = new Float64Array(height * width);
  for (let x = 0; x < width; x++) averageLine(columns, x, width, picture.height, cells, x, width, height);
  return cells;
}

/** Area average of one line of n values to m values. */
function averageLine(
  from: Float64Array,
  start: number,
  stride: number,
  n: number,
  to: Float64Array,
  at: number,
  step: number,
  m: number,
): void {
  const span = n / m;
  for (let j = 0; j < m; j++) {
    const [low, high] = [j * span, (j + 1) * span];
    let sum = 0;
    for (let i = Math.floor(low); i < Math.min(n, Math.ceil(high)); i++) {
      sum += (from[start + i * stride] as number) * (Math.min(i + 1, high) - Math.max(i, low));
    }
    to[at + j * step] = sum / span;
  }
}

/** 16×16 grey. Area averages hardly change when a picture is saved again or scaled. */
export function thumbprint(picture: Picture): Uint8Array {
  return Uint8Array.from(averageGrey(picture, 16, 16), Math.round);
}

export function meanColour(picture: Picture): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  const { pixels } = picture;
  for (let p = 0; p < pixels.length; p += 3) {
    sums[0] += pixels[p] as number;
    sums[1] += pixels[p + 1] as number;
    sums[2] += pixels[p + 2] as number;
  }
  const count = pixels.length / 3;
  return [sums[0] / count, sums[1] / count, sums[2] / count];
}
