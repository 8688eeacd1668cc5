import { AppError } from '../../contract/errors.ts';
import { bit } from './bit.ts';
import { lite } from './lite.ts';
import { resnet } from './resnet.ts';
import type { Shrink } from './spec.ts';
import type { Backbone } from './types.ts';

/** Every backbone there is. A new one is its file (or a line of a family's) and one line here. */
const builders: Readonly<Record<string, (shrink?: Shrink) => Backbone>> = {
  'efficientnet-lite0': (shrink) =>
    lite({ name: 'efficientnet-lite0', widthMultiplier: 1, depthMultiplier: 1 }, shrink),
  'efficientnet-lite1': (shrink) =>
    lite({ name: 'efficientnet-lite1', widthMultiplier: 1, depthMultiplier: 1.1 }, shrink),
  'efficientnet-lite2': (shrink) =>
    lite({ name: 'efficientnet-lite2', widthMultiplier: 1.1, depthMultiplier: 1.2 }, shrink),
  resnet18: (shrink) => resnet({ name: 'resnet18', depths: [2, 2, 2, 2], bottleneck: false }, shrink),
  resnet34: (shrink) => resnet({ name: 'resnet34', depths: [3, 4, 6, 3], bottleneck: false }, shrink),
  resnet50: (shrink) => resnet({ name: 'resnet50', depths: [3, 4, 6, 3], bottleneck: true }, shrink),
  'bit-resnet50x1': (shrink) => bit({ name: 'bit-resnet50x1', depths: [3, 4, 6, 3] }, shrink),
  'bit-resnet101x1': (shrink) => bit({ name: 'bit-resnet101x1', depths: [3, 4, 23, 3] }, shrink),
};

export const backboneNames: readonly string[] = Object.keys(builders);

/** The backbone of that name. @throws AppError `backbone.unknown` */
export function backbone(name: string): Backbone {
  return build(name);
}

/** A small copy of that backbone for tests: same operations, few channels and blocks. */
export function twin(name: string, shrink: Shrink): Backbone {
  return build(name, shrink);
}

function build(name: string, shrink?: Shrink): Backbone {
  const builder = Object.hasOwn(builders, name) ? builders[name] : undefined;
  if (!builder) throw new AppError('backbone.unknown', { backbone: name, known: backboneNames.join(', ') });
  return builder(shrink);
}
