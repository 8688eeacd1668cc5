import type * as tf from '@tensorflow/tfjs';
import type { Tree } from '../nn/types.ts';

/**
 * `patch` is the convolution that makes tokens of an image, `embedding` what is added to tokens or stands for one;
 * `scale` and `shift` belong to a normalisation of any kind, `mean` and `variance` to one that keeps statistics.
 */
export type ParamRole =
  'conv' | 'depthwise' | 'patch' | 'dense' | 'embedding' | 'bias' | 'scale' | 'shift' | 'mean' | 'variance';

/** One parameter of a backbone, under timm's name, in the layout TF.js computes with. */
export interface ParamSpec {
  /** timm's tensor name, such as `blocks.0.0.conv_dw.weight`. */
  readonly name: string;
  /** Layout of the engine: convolution and patch HWIO, depthwise HWC1, dense [in, out], all else as timm has it. */
  readonly shape: readonly number[];
  readonly role: ParamRole;
}

/** Whether batch normalisation uses the running statistics (never updated) or those of the batch. */
export type BatchStatistics = 'frozen' | 'batch';

export type Forward = {
  readonly features: tf.Tensor2D;
  readonly map: tf.Tensor4D;
  readonly updates: Tree;
};

export interface Backbone {
  /** Our name, such as `efficientnet-lite0`. */
  readonly name: string;
  /** Registry family: lite, efficientnet, resnet, bit, vit. */
  readonly family: string;
  /** Only batch normalisation has statistics to freeze or to take from the batch: elsewhere both kinds are the same. */
  readonly norm: 'batch' | 'group' | 'layer';
  /** Side in pixels its published weights were trained at. */
  readonly side: number;
  /** Sides it can look at are multiples of this many pixels. */
  readonly sideStep: number;
  /** Width of the pooled features. */
  readonly features: number;
  readonly params: readonly ParamSpec[];
  /** From the image to the features: what starts each parameter's name, layer by layer. Rates may fall towards the image. */
  readonly layers: readonly (readonly string[])[];
  /** Normalisation of images in [0,1] RGB: (x − mean) / std, per channel. */
  readonly preprocessing: {
    readonly mean: readonly [number, number, number];
    readonly std: readonly [number, number, number];
  };
  /**
   * Pooled features before the classifier.
   * @param params tree with every name of `params` (a prefix already taken off)
   * @param images [n, s, s, 3] float32, already normalised
   * @returns features [n, features]; the map they are the mean of over height and width, [n, h, w, features] (of a
   * vision transformer, its patches beside the class token); and new running statistics (empty when frozen)
   * @throws AppError `backbone.size` where s is no multiple of `sideStep`
   */
  forward(params: Tree, images: tf.Tensor4D, statistics: BatchStatistics): Forward;
}
