import { AppError } from '../../contract/errors.ts';
import { gelu } from '../nn/composites/gelu.ts';
import { layerNorm } from '../nn/composites/layer-norm.ts';
import { positionMatrix } from '../nn/position.ts';
import { leaf } from '../nn/tree.ts';
import type { Tree } from '../nn/types.ts';
import { tf } from '../tf.ts';
import { affineSpecs, biasSpec, denseSpecs, narrowed, shortened, type Shrink } from './spec.ts';
import type { Backbone, ParamSpec } from './types.ts';

export interface VitConfig {
  readonly name: string;
  /** Side of a patch in pixels. */
  readonly patch: number;
  readonly depth: number;
  readonly heads: number;
  /** Side in pixels its position embedding was trained for. */
  readonly side: number;
}

const headChannels = 64;
const expansion = 4;
const epsilon = 1e-6;

/** Tokens lie as rows, [n · tokens, width], so that every linear layer is one product of matrices. */
interface Rows {
  readonly images: number;
  readonly tokens: number;
  readonly heads: number;
}

/**
 * Vision transformer (Dosovitskiy et al. 2021, equations 1 to 4) as timm's `vit_*_patch16_224`: normalisation in front
 * of attention and perceptron, exact GELU, features from the class token. The position embedding is interpolated to
 * the size of the images. Without dropout and stochastic depth.
 */
export function vit(config: VitConfig, shrink?: Shrink): Backbone {
  const { patch, heads } = config;
  const width = heads * narrowed(headChannels, shrink);
  const grid = config.side / patch;
  const names = Array.from({ length: shortened(config.depth, shrink) }, (_, i) => `blocks.${i}`);
  return {
    name: config.name,
    family: 'vit',
    norm: 'layer',
    side: config.side,
    sideStep: patch,
    features: width,
    layers: [['cls_token', 'pos_embed', 'patch_embed'], ...names.map((name) => [name]), ['norm']],
    params: [
      { name: 'cls_token', shape: [1, 1, width], role: 'embedding' },
      { name: 'pos_embed', shape: [1, 1 + grid ** 2, width], role: 'embedding' },
      { name: 'patch_embed.proj.weight', shape: [patch, patch, 3, width], role: 'patch' },
      biasSpec('patch_embed.proj', width),
      ...names.flatMap((name) => blockSpecs(name, width)),
      ...affineSpecs('norm', width),
    ],
    preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    forward(params, images) {
      const [n, side] = images.shape;
      if (side % patch !== 0) throw new AppError('backbone.size', { backbone: config.name, size: side, step: patch });
      const tokens = 1 + (side / patch) ** 2;
      const rows: Rows = { images: n, tokens, heads };
      const patches = linear(patchesOf(images, patch), params, 'patch_embed.proj');
      const behindClass = tf.pad(tf.reshape(patches, [n, tokens - 1, width]), [
        [0, 0],
        [1, 0],
        [0, 0],
      ]);
      const embedded = tf.add(behindClass, embeddingFor(params, grid, side / patch));
      let x: tf.Tensor2D = tf.reshape(embedded, [n * tokens, width]);
      for (const name of names) x = blockForward(x, params, name, rows);
      const part = (from: number, count: number): tf.Tensor2D => {
        const cut = tf.slice(tf.reshape(x, [n, tokens, width]), [0, from, 0], [n, count, width]);
        return norm(tf.reshape(cut, [n * count, width]), params, 'norm');
      };
      const map = tf.reshape(part(1, tokens - 1), [n, side / patch, side / patch, width]) as tf.Tensor4D;
      return { features: part(0, 1), map, updates: {} };
    },
  };
}

function blockSpecs(name: string, width: number): ParamSpec[] {
  return [
    ...affineSpecs(`${name}.norm1`, width),
    ...denseSpecs(`${name}.attn.qkv`, width, 3 * width),
    ...denseSpecs(`${name}.attn.proj`, width, width),
    ...affineSpecs(`${name}.norm2`, width),
    ...denseSpecs(`${name}.mlp.fc1`, width, expansion * width),
    ...denseSpecs(`${name}.mlp.fc2`, expansion * width, width),
  ];
}

function blockForward(x: tf.Tensor2D, params: Tree, name: string, rows: Rows): tf.Tensor2D {
  const attended: tf.Tensor2D = tf.add(x, attention(norm(x, params, `${name}.norm1`), params, `${name}.attn`, rows));
  const hidden = gelu(linear(norm(attended, params, `${name}.norm2`), params, `${name}.mlp.fc1`));
  return tf.add(attended, linear(hidden, params, `${name}.mlp.fc2`));
}

/** Every token takes from every other of its image, softmax(q kᵀ / √d) v per head (Vaswani et al. 2017, equation 1). */
function attention(x: tf.Tensor2D, params: Tree, name: string, { images, tokens, heads }: Rows): tf.Tensor2D {
  const width = x.shape[1];
  const channels = width / heads;
  const [q, k, v] = tf.split(linear(x, params, `${name}.qkv`), 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const perHead = (part: tf.Tensor2D, order: number[]): tf.Tensor4D =>
    tf.transpose(tf.reshape(part, [images, tokens, heads, channels]), order) as tf.Tensor4D;
  const scaled: tf.Tensor4D = tf.mul(perHead(q, [0, 2, 1, 3]), 1 / Math.sqrt(channels));
  const share = tf.softmax(tf.matMul(scaled, perHead(k, [0, 2, 3, 1])));
  const mixed = tf.matMul(share, perHead(v, [0, 2, 1, 3]));
  const together = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [images * tokens, width]) as tf.Tensor2D;
  return linear(together, params, `${name}.proj`);
}

/** The pixels of every patch as one row, [n · patches, patch² · 3]; a convolution of that stride is then a product. */
function patchesOf(images: tf.Tensor4D, patch: number): tf.Tensor2D {
  const [n, side] = images.shape;
  const grid = side / patch;
  const cut = tf.reshape(images, [n, grid, patch, grid, patch, 3]);
  return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [n * grid * grid, patch * patch * 3]);
}

/** What is added to the tokens of an image, [1, 1 + to², width]: the class token and where each patch lies. */
function embeddingFor(params: Tree, from: number, to: number): tf.Tensor3D {
  const position = leaf(params, 'pos_embed') as tf.Tensor3D;
  const [, all, width] = position.shape;
  const ofClass = tf.add(tf.slice(position, [0, 0, 0], [1, 1, width]), leaf(params, 'cls_token')) as tf.Tensor3D;
  const ofPatches = tf.slice(position, [0, 1, 0], [1, all - 1, width]);
  if (from === to) return tf.concat([ofClass, ofPatches], 1);
  const matrix = tf.tensor2d(positionMatrix(from, to), [to * to, from * from]);
  const moved = tf.matMul(matrix, tf.reshape(ofPatches, [from * from, width]) as tf.Tensor2D);
  return tf.concat([ofClass, tf.reshape(moved, [1, to * to, width])], 1);
}

const norm = (x: tf.Tensor2D, params: Tree, name: string): tf.Tensor2D =>
  layerNorm(x, leaf(params, `${name}.weight`), leaf(params, `${name}.bias`), epsilon);

/** A linear layer; the convolution of the patches has its weight in the same order. */
function linear(x: tf.Tensor2D, params: Tree, name: string): tf.Tensor2D {
  const weight = leaf(params, `${name}.weight`);
  const outputs = weight.shape.at(-1) as number;
  return tf.add(tf.matMul(x, tf.reshape(weight, [-1, outputs]) as tf.Tensor2D), leaf(params, `${name}.bias`));
}
