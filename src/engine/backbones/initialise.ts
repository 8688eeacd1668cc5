import type { Generator } from '../data/random.ts';
import { constantTensor, normalTensor, uniformTensor } from '../nn/initialise.ts';
import type { HostTensor, HostTree } from '../nn/types.ts';
import type { Backbone, ParamSpec } from './types.ts';

/**
 * Untrained parameters of a backbone, as timm starts them: convolutions normal with variance 2 / fan-out (He et al.
 * 2015), normalisations the identity.
 */
export function initialise(backbone: Backbone, random: Generator): HostTree {
  return Object.fromEntries(backbone.params.map((spec) => [spec.name, initialTensor(spec, random)]));
}

function initialTensor({ role, shape }: ParamSpec, random: Generator): HostTensor {
  switch (role) {
    case 'conv': {
      const [height = 1, width = 1, , outputs = 1] = shape;
      return normalTensor(shape, Math.sqrt(2 / (height * width * outputs)), random);
    }
    case 'depthwise': {
      // One filter per channel: every input reaches one output.
      const [height = 1, width = 1] = shape;
      return normalTensor(shape, Math.sqrt(2 / (height * width)), random);
    }
    case 'dense':
      return uniformTensor(shape, 1 / Math.sqrt(shape[0] ?? 1), random);
    case 'scale':
    case 'variance':
      return constantTensor(shape, 1);
    case 'bias':
    case 'shift':
    case 'mean':
      return constantTensor(shape, 0);
  }
}
