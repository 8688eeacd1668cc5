import type * as tf from '@tensorflow/tfjs';
import type { Tree } from '../nn/types.ts';

export type ParamRole = 'conv' | 'depthwise' | 'dense' | 'bias' | 'scale' | 'shift' | 'mean' | 'variance';

/** One parameter of a backbone, under timm's name, in the layout TF.js computes with. */
export interface ParamSpec {
  /** timm's tensor name, such as `blocks.0.0.conv_dw.weight`. */
  readonly name: string;
  /** Layout of the engine: convolution HWIO, depthwise HWC1, dense [in, out], vectors [n]. */
  readonly shape: readonly number[];
  readonly role: ParamRole;
}

/** Whether normalisation layers use the running statistics (never updated) or those of the batch. */
export type BatchStatistics = 'frozen' | 'batch';

export type Forward = {
  readonly features: tf.Tensor2D;
  readonly map: tf.Tensor4D;
  readonly updates: Tree;
};

export interface Backbone {
  /** Our name, such as `efficientnet-lite0`. */
  readonly name: string;
  /** Registry family: lite, resnet, bit. */
  readonly family: string;
  /** Width of the pooled features. */
  readonly features: number;
  readonly params: readonly ParamSpec[];
  /** Normalisation of images in [0,1] RGB: (x − mean) / std, per channel. */
  readonly preprocessing: {
    readonly mean: readonly [number, number, number];
    readonly std: readonly [number, number, number];
  };
  /**
   * Pooled features before the classifier.
   * @param params tree with every name of `params` (a prefix already taken off)
   * @param images [n, s, s, 3] float32, already normalised
   * @returns features [n, features]; the map they are the mean of over height and width, [n, h, w, features]; and new
   * running statistics (empty when frozen)
   */
  forward(params: Tree, images: tf.Tensor4D, statistics: BatchStatistics): Forward;
}
