import { AppError } from '../../contract/errors.ts';
import { bit } from './bit.ts';
import { efficientNet } from './efficientnet.ts';
import { resnet } from './resnet.ts';
import type { Shrink } from './spec.ts';
import type { Backbone } from './types.ts';
import { vit } from './vit.ts';

/** Every backbone there is. A new one is its file (or a line of a family's) and one line here. */
const builders: Readonly<Record<string, (shrink?: Shrink) => Backbone>> = {
  'efficientnet-lite0': (shrink) =>
    efficientNet(
      { name: 'efficientnet-lite0', kind: 'lite', widthMultiplier: 1, depthMultiplier: 1, side: 224 },
      shrink,
    ),
  'efficientnet-lite1': (shrink) =>
    efficientNet(
      { name: 'efficientnet-lite1', kind: 'lite', widthMultiplier: 1, depthMultiplier: 1.1, side: 240 },
      shrink,
    ),
  'efficientnet-lite2': (shrink) =>
    efficientNet(
      { name: 'efficientnet-lite2', kind: 'lite', widthMultiplier: 1.1, depthMultiplier: 1.2, side: 260 },
      shrink,
    ),
  'efficientnet-b0': (shrink) =>
    efficientNet({ name: 'efficientnet-b0', kind: 'b', widthMultiplier: 1, depthMultiplier: 1, side: 224 }, shrink),
  'efficientnet-b1': (shrink) =>
    efficientNet({ name: 'efficientnet-b1', kind: 'b', widthMultiplier: 1, depthMultiplier: 1.1, side: 240 }, shrink),
  'efficientnet-b2': (shrink) =>
    efficientNet({ name: 'efficientnet-b2', kind: 'b', widthMultiplier: 1.1, depthMultiplier: 1.2, side: 260 }, shrink),
  'efficientnet-b3': (shrink) =>
    efficientNet({ name: 'efficientnet-b3', kind: 'b', widthMultiplier: 1.2, depthMultiplier: 1.4, side: 300 }, shrink),
  'efficientnet-b4': (shrink) =>
    efficientNet({ name: 'efficientnet-b4', kind: 'b', widthMultiplier: 1.4, depthMultiplier: 1.8, side: 380 }, shrink),
  resnet18: (shrink) => resnet({ name: 'resnet18', depths: [2, 2, 2, 2], bottleneck: false }, shrink),
  resnet34: (shrink) => resnet({ name: 'resnet34', depths: [3, 4, 6, 3], bottleneck: false }, shrink),
  resnet50: (shrink) => resnet({ name: 'resnet50', depths: [3, 4, 6, 3], bottleneck: true }, shrink),
  'bit-resnet50x1': (shrink) => bit({ name: 'bit-resnet50x1', depths: [3, 4, 6, 3] }, shrink),
  'bit-resnet101x1': (shrink) => bit({ name: 'bit-resnet101x1', depths: [3, 4, 23, 3] }, shrink),
  'vit-small-patch16': (shrink) =>
    vit({ name: 'vit-small-patch16', patch: 16, depth: 12, heads: 6, side: 224 }, shrink),
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
