import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import type { Generator } from '../data/random.ts';
import type { HostTree, Tree, TreeSpec } from '../nn/types.ts';
import type { ViewPreset } from './types.ts';

/** The random numbers a preset needs, as uniforms per view. A part that is off needs none. */
function columns(preset: ViewPreset): Readonly<Record<string, number>> {
  const needed: Record<string, number> = { area: 1, aspect: 1, top: 1, left: 1 };
  const add = (name: string, strength: number, width = 1): void => {
    if (strength > 0) needed[name] = width;
  };
  add('flipHorizontal', preset.flipHorizontal);
  add('flipVertical', preset.flipVertical);
  add('quarterTurn', preset.quarterTurn);
  add('brightness', preset.brightness);
  add('contrast', preset.contrast);
  add('saturation', preset.saturation);
  add('hue', preset.hue);
  add('greyscale', preset.greyscale);
  add('stain', preset.stain, 3);
  add('blur', preset.blur.probability);
  add('blurSigma', preset.blur.probability);
  add('solarize', preset.solarize);
  return needed;
}

const inputName = (name: string): string => `views.${name}`;

/** Inputs of `randomViews`: one tensor [count, width] of uniforms in [0, 1) per random quantity. */
export function viewRandomSpec(preset: ViewPreset, count: number): TreeSpec {
  return Object.fromEntries(
    Object.entries(columns(preset)).map(([name, width]) => [
      inputName(name),
      { shape: [count, width], dtype: 'float32' as const },
    ]),
  );
}

/** Values for `viewRandomSpec`, drawn in a fixed order. */
export function drawViewRandom(preset: ViewPreset, count: number, generator: Generator): HostTree {
  return Object.fromEntries(
    Object.entries(viewRandomSpec(preset, count)).map(([name, spec]) => [
      name,
      { ...spec, data: generator.uniform(count * (spec.shape[1] ?? 1)) },
    ]),
  );
}

/** Reads the uniforms of a preset as the quantities it asks for. */
export class ViewDraws {
  readonly #random: Tree;

  constructor(random: Tree) {
    this.#random = random;
  }

  /** Uniform in low..high, [count, width]. */
  between(name: string, low: number, high: number): TF.Tensor2D {
    return tf.add(tf.mul(this.#uniform(name), high - low), low);
  }

  /** Uniform in 1 ± strength, or undefined where the preset leaves it out. */
  factor(name: string, strength: number): TF.Tensor2D | undefined {
    return strength > 0 ? this.between(name, 1 - strength, 1 + strength) : undefined;
  }

  /** 1 with the probability, else 0; undefined where the preset leaves it out. */
  chance(name: string, probability: number): TF.Tensor2D | undefined {
    return probability > 0 ? tf.cast(tf.less(this.#uniform(name), probability), 'float32') : undefined;
  }

  #uniform(name: string): TF.Tensor2D {
    const values = this.#random[inputName(name)];
    if (!values) throw new Error(`random input ${inputName(name)} is missing`);
    return values as TF.Tensor2D;
  }
}
