import { AppError } from '../../contract/errors.ts';
import { lite } from './lite.ts';
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
