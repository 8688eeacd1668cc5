import type { Generator } from '../data/random.ts';
import type { HostTree } from '../nn/types.ts';
import type { Backbone, ParamSpec } from './types.ts';

/**
 * Untrained parameters of a backbone, as timm starts them: convolutions normal with variance 2 / fan-out (He et al.
 * 2015, equation 14), normalisations the identity; in transformers linear layers and embeddings normal with deviation
 * 0.02 (Dosovitskiy et al. 2021).
 */
export function initialise(backbone: Backbone, random: Generator): HostTree {
  return Object.fromEntries(
    backbone.params.map((spec) => [
      spec.name,
      { shape: spec.shape, dtype: 'float32', data: initialValues(spec, random) },
    ]),
  );
}

function initialValues({ role, shape }: ParamSpec, random: Generator): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  const [height = 1, width = 1, , outputs = 1] = shape;
  const reaching = (fanOut: number): Float32Array => {
    const deviation = Math.sqrt(2 / fanOut);
    return random.normal(size).map((value) => value * deviation);
  };
  switch (role) {
    case 'conv':
      return reaching(height * width * outputs);
    case 'depthwise':
      // One filter per channel: every input reaches one output.
      return reaching(height * width);
    case 'patch': {
      // As torch starts a convolution: uniform in ± 1/√inputs.
      const bound = 1 / Math.sqrt(height * width * (shape[2] ?? 1));
      return random.uniform(size).map((value) => (2 * value - 1) * bound);
    }
    case 'dense':
    case 'embedding':
      return random.normal(size).map((value) => 0.02 * value);
    case 'scale':
    case 'variance':
      return new Float32Array(size).fill(1);
    case 'bias':
    case 'shift':
    case 'mean':
      return new Float32Array(size);
  }
}
