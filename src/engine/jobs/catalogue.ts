import { viewPresets } from '../augment/presets.ts';
import type { OutputOf } from '../../rpc/types.ts';
import type { EngineCalls } from '../../contract/engine-calls.ts';
import { backbone, backboneNames } from '../backbones/registry.ts';
import { methods } from '../methods/registry.ts';
import { regimes } from '../regimes/registry.ts';
import { findWeights } from '../weights/manifest.ts';

/** Everything a run can be made of. @param weightsFolders where imported weights lie */
export async function catalogue(
  weightsFolders: readonly string[] = [],
): Promise<OutputOf<EngineCalls, 'catalogue.list'>> {
  return {
    backbones: await Promise.all(
      backboneNames.map(async (name) => {
        const { family, features, norm, side, sideStep } = backbone(name);
        const found = await findWeights(name, weightsFolders);
        const { path = null, sha256 = null, licence = null } = found ?? {};
        return { name, family, features, norm, side, sideStep, weights: path, sha256, licence };
      }),
    ),
    methods: methods.map(({ name, summary, settings, defaults }) => ({
      name,
      summary,
      settings: Object.fromEntries(Object.entries(settings).map(([key, { value }]) => [key, value])),
      declared: Object.fromEntries(
        Object.entries(settings).map(([key, { gloss, range, whole, choices, unit }]) => [
          key,
          {
            gloss,
            ...(range ? { range: [range[0], range[1]] as [number, number] } : {}),
            ...(whole ? { whole } : {}),
            ...(choices ? { choices: [...choices] } : {}),
            ...(unit === undefined ? {} : { unit }),
          },
        ]),
      ),
      ...defaults,
    })),
    regimes: Object.values(regimes).map(({ name, summary }) => ({ name, summary })),
    views: viewPresets.map(({ name, summary }) => ({ name, summary })),
  };
}
