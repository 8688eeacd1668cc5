import { backbone, twin } from '../../../src/engine/backbones/registry.ts';
import type { EngineServices } from '../../../src/engine/jobs/services.ts';
import { formulaTree } from './formula.ts';

/** Small copies of the backbones, with formula weights in place of the shipped ones. */
export const twins: Pick<EngineServices, 'backbone' | 'weights'> = {
  backbone: (name) => twin(backbone(name).name, { widthDivisor: 8, blocksPerStage: 1 }),
  weights: (wanted) => Promise.resolve(formulaTree(wanted)),
};
