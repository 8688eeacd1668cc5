import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';

/** Grey value of ITU-R BT.601, of R, G, B. */
export const luma = [0.299, 0.587, 0.114] as const;

/** Every row is `luma`: maps a colour to its grey. */
const toGrey = Float32Array.from({ length: 9 }, (_, k) => luma[(k % 3) as 0 | 1 | 2]);
const chroma = toGrey.map((value, k) => (k % 4 === 0 ? 1 : 0) - value);

/** Generator of the hue rotation: R, G, B to the colour whose I and Q (NTSC YIQ) are turned by a quarter. */
const hueTurn = (() => {
  const i = [0.5959, -0.2746, -0.3213];
  const q = [0.2115, -0.5227, 0.3112];
  const fromI = [0.956, -0.272, -1.106];
  const fromQ = [0.619, -0.647, 1.703];
  return Float32Array.from({ length: 9 }, (_, k) => {
    const row = Math.floor(k / 3);
    const column = k % 3;
    return (fromQ[row] as number) * (i[column] as number) - (fromI[row] as number) * (q[column] as number);
  });
})();

/** Per image, factors [n, 1, 1]; an absent part is left out of the graph. */
export interface ColourChange {
  readonly brightness?: TF.Tensor3D;
  readonly contrast?: TF.Tensor3D;
  readonly saturation?: TF.Tensor3D;
  /** Radians. */
  readonly hue?: TF.Tensor3D;
}

const matrix3 = (values: Float32Array): TF.Tensor3D => tf.tensor3d(values, [1, 3, 3]);

/**
 * Brightness, contrast about the image's mean, saturation about grey and hue as one 3×3 matrix and one offset per
 * image. In that order: b·x, then c·x + (1 − c)·mean, then grey + s·R(hue)·(x − grey); grey values pass the last
 * two unchanged, so the whole is b·c·(G + s·R·(1 − G))·x + (1 − c)·b·mean.
 * @param pixels [n, 3, p] planar, 0..1
 */
export function changeColour(pixels: TF.Tensor3D, change: ColourChange): TF.Tensor3D {
  const { brightness, contrast, saturation, hue } = change;
  const gain = brightness && contrast ? tf.mul(brightness, contrast) : (brightness ?? contrast);
  let changed = pixels;
  if (saturation || hue) {
    const turned = hue
      ? tf.add(tf.mul(tf.cos(hue), matrix3(chroma)), tf.mul(tf.sin(hue), matrix3(hueTurn)))
      : matrix3(chroma);
    const mixed = tf.add(saturation ? tf.mul(saturation, turned) : turned, matrix3(toGrey));
    changed = tf.matMul(gain ? tf.mul(mixed, gain) : mixed, pixels) as TF.Tensor3D;
  } else if (gain) {
    changed = tf.mul(pixels, gain);
  }
  if (!contrast) return changed;
  const mean = tf.mean(pixels, [1, 2], true);
  const lift = tf.mul(tf.sub(1, contrast), brightness ? tf.mul(mean, brightness) : mean);
  return tf.add(changed, lift);
}

/**
 * Scales optical densities, as a stronger or weaker stain would: −log(x) · factor (Beer–Lambert law), which is
 * x to the power of the factor.
 * @param pixels [n, 3, p] planar, 0..1
 * @param factors [n, 3, 1] per channel
 */
export function scaleStain(pixels: TF.Tensor3D, factors: TF.Tensor3D): TF.Tensor3D {
  return tf.exp(tf.mul(tf.log(tf.maximum(pixels, 1 / 255)), factors));
}

/**
 * Inverts the values from 0.5 up.
 * @param pixels [n, 3, p] planar, 0..1
 * @param applied [n, 1, 1] 1 or 0
 */
export function solarize(pixels: TF.Tensor3D, applied: TF.Tensor3D): TF.Tensor3D {
  // 1 − x, from 0.5 up, is x − 2·(x − 0.5): no selection needed.
  return tf.sub(pixels, tf.mul(tf.relu(tf.sub(pixels, 0.5)), tf.mul(applied, 2)));
}
