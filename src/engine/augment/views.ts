import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import type { Tree } from '../nn/types.ts';
import { changeColour, scaleStain, solarize } from './colour.ts';
import { ViewDraws } from './random.ts';
import { bilinearMatrix, blurMatrix, reflectInto } from './sampling.ts';
import type { ViewPreset } from './types.ts';

/** Pixels of the first and one past the last row or column of the content box, [n, 1]. */
export function edges(boxes: TF.Tensor2D, column: number, side: number): TF.Tensor2D {
  return tf.floor(tf.add(tf.mul(tf.slice(boxes, [0, column], [-1, 1]), side), 0.5));
}

/** Where along a line each output pixel is sampled: `start + extent · (i + ½) / size − ½`, backwards where flipped. */
export function positions(start: TF.Tensor2D, extent: TF.Tensor2D, size: number, flip?: TF.Tensor2D): TF.Tensor2D {
  const centres = Float32Array.from({ length: size }, (_, i) => (i + 0.5) / size);
  const forward = tf.tensor2d(centres, [1, size]);
  const backward = tf.tensor2d(centres.toReversed(), [1, size]);
  const along = flip ? tf.add(tf.mul(backward, flip), tf.mul(forward, tf.sub(1, flip))) : forward;
  return tf.sub(tf.add(start, tf.mul(extent, along)), 0.5);
}

/** Sampling matrices of random crops, flips and blur, [n, size, side] for rows and columns. */
function cropMatrices(
  boxes: TF.Tensor2D,
  draws: ViewDraws,
  preset: ViewPreset,
  side: number,
  size: number,
): { rows: TF.Tensor3D; columns: TF.Tensor3D } {
  const [top, left, bottom, right] = [0, 1, 2, 3].map((column) => edges(boxes, column, side)) as [
    TF.Tensor2D,
    TF.Tensor2D,
    TF.Tensor2D,
    TF.Tensor2D,
  ];
  const height = tf.sub(bottom, top);
  const width = tf.sub(right, left);
  const area = tf.mul(draws.between('area', ...preset.area), tf.mul(height, width));
  const aspect = tf.exp(draws.between('aspect', -preset.logAspect, preset.logAspect));
  const cropHeight: TF.Tensor2D = tf.sqrt(tf.div(area, aspect));
  const cropWidth: TF.Tensor2D = tf.sqrt(tf.mul(area, aspect));
  // A crop longer than the box starts before it: the part outside is mirrored.
  const start = (low: TF.Tensor2D, name: string, room: TF.Tensor): TF.Tensor2D =>
    tf.add(low, tf.mul(draws.between(name, 0, 1), room));
  const y = start(top, 'top', tf.sub(height, cropHeight));
  const x = start(left, 'left', tf.sub(width, cropWidth));
  const matrix = (
    start: TF.Tensor2D,
    extent: TF.Tensor2D,
    low: TF.Tensor2D,
    high: TF.Tensor2D,
    flip: TF.Tensor2D | undefined,
  ): TF.Tensor3D => bilinearMatrix(reflectInto(positions(start, extent, size, flip), low, high), side);
  let rows = matrix(y, cropHeight, top, bottom, draws.chance('flipVertical', preset.flipVertical));
  let columns = matrix(x, cropWidth, left, right, draws.chance('flipHorizontal', preset.flipHorizontal));
  const blurred = draws.chance('blur', preset.blur.probability);
  if (blurred) {
    // A blur of the sampled image is a further linear map of its rows and columns: folded into the small matrices.
    const blur = blurMatrix(draws.between('blurSigma', ...preset.blur.sigma), blurred, size);
    rows = tf.matMul(blur, rows) as TF.Tensor3D;
    columns = tf.matMul(blur, columns) as TF.Tensor3D;
  }
  return { rows, columns };
}

/** Each image with the probability of the preset mirrored along its diagonal; with the flips, all eight turns. */
function turn(planar: TF.Tensor4D, turned: TF.Tensor2D): TF.Tensor4D {
  const share = tf.reshape(turned, [-1, 1, 1, 1]);
  const diagonal = tf.transpose(planar, [0, 1, 3, 2]);
  return tf.add(tf.mul(diagonal, share), tf.mul(planar, tf.sub(1, share)));
}

function jitter(planar: TF.Tensor4D, draws: ViewDraws, preset: ViewPreset): TF.Tensor4D {
  const [n, , height, width] = planar.shape;
  const perImage = (values: TF.Tensor2D): TF.Tensor3D => tf.reshape(values, [n, -1, 1]);
  let pixels: TF.Tensor3D = tf.reshape(planar, [n, 3, height * width]);
  const stain = draws.factor('stain', preset.stain);
  if (stain) pixels = scaleStain(pixels, perImage(stain));

  let saturation = draws.factor('saturation', preset.saturation);
  const grey = draws.chance('greyscale', preset.greyscale);
  if (grey) saturation = saturation ? tf.mul(saturation, tf.sub(1, grey)) : tf.sub(1, grey);
  const brightness = draws.factor('brightness', preset.brightness);
  const contrast = draws.factor('contrast', preset.contrast);
  const hue = preset.hue > 0 ? draws.between('hue', -preset.hue, preset.hue) : undefined;
  pixels = changeColour(pixels, {
    ...(brightness && { brightness: perImage(brightness) }),
    ...(contrast && { contrast: perImage(contrast) }),
    ...(saturation && { saturation: perImage(saturation) }),
    ...(hue && { hue: perImage(hue) }),
  });
  pixels = tf.clipByValue(pixels, 0, 1);
  const solarized = draws.chance('solarize', preset.solarize);
  if (solarized) pixels = solarize(pixels, perImage(solarized));
  return tf.reshape(pixels, planar.shape);
}

/**
 * Several samplings of every image, each by its own pair of matrices.
 * @param images [batch, side, side, 3]
 * @param rows [views · batch, size, side], view-major
 * @param columns likewise
 * @returns [views · batch, 3, size, size] planar
 */
export function sample(images: TF.Tensor4D, rows: TF.Tensor3D, columns: TF.Tensor3D): TF.Tensor4D {
  const [batch, side] = images.shape;
  const [count, size] = rows.shape;
  const views = count / batch;
  // Columns first on [batch, y·channel, x], then rows on [batch, y, channel·x]: two large products per view.
  const lines = tf.reshape(tf.transpose(images, [0, 1, 3, 2]), [batch, side * 3, side]);
  const sampled = Array.from({ length: views }, (_, view) => {
    const part = (matrix: TF.Tensor3D): TF.Tensor3D => tf.slice(matrix, [view * batch, 0, 0], [batch, size, side]);
    const narrow = tf.reshape(tf.matMul(lines, part(columns), false, true), [batch, side, 3 * size]);
    return tf.matMul(part(rows), narrow) as TF.Tensor3D;
  });
  const crops = tf.reshape(views > 1 ? tf.concat(sampled) : (sampled[0] as TF.Tensor3D), [count, size, 3, size]);
  return tf.transpose(crops, [0, 2, 1, 3]) as TF.Tensor4D;
}

/**
 * Independent random views of a batch: crop-and-resize as two batched matrix products (bilinear, mirrored at the
 * edges of the content box), flips and quarter turns, blur, colour.
 * @param images [batch, side, side, 3] in 0..1
 * @param boxes [batch, 4] content box y0, x0, y1, x1 in 0..1
 * @param random tree of `viewRandomSpec(preset, views · batch)`, view-major: rows 0..batch−1 are view one
 * @returns [views · batch, 3, size, size] planar (NCHW) in 0..1, view-major
 */
export function randomViews(
  images: TF.Tensor4D,
  boxes: TF.Tensor2D,
  random: Tree,
  preset: ViewPreset,
  size: number,
  views: number,
): TF.Tensor4D {
  const side = images.shape[1];
  const draws = new ViewDraws(random);
  const allBoxes = views > 1 ? tf.concat(Array.from({ length: views }, () => boxes)) : boxes;
  const { rows, columns } = cropMatrices(allBoxes, draws, preset, side, size);
  let planar = sample(images, rows, columns);
  const turned = draws.chance('quarterTurn', preset.quarterTurn);
  if (turned) planar = turn(planar, turned);
  return jitter(planar, draws, preset);
}
