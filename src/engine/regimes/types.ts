import type { Backbone, BatchStatistics } from '../backbones/types.ts';
import type { ViewPreset } from '../augment/types.ts';
import type { Generator } from '../data/random.ts';
import type { OptimizerName } from '../optim/registry.ts';
import type { Moment } from '../optim/schedules.ts';
import type { Auxiliary, AuxiliaryStart } from './programs/auxiliary.ts';
import type { HostTree, Program } from '../nn/types.ts';

/** How fine-tuning trains. */
export interface FinetuneRecipe {
  readonly optimizer: OptimizerName;
  /** Top rates. */
  readonly backbone: number;
  readonly head: number;
  readonly weightDecay: number;
  /** Share of the top rates at a step of `total`, both from 0. */
  share(step: number, total: number): number;
  /** α of MixUp; 0 mixes nothing. */
  readonly mixUp: number;
}

export interface FinetuneContext {
  readonly backbone: Backbone;
  readonly statistics: BatchStatistics;
  readonly classes: number;
  readonly batch: number;
  readonly recordSide: number;
  readonly size: number;
  readonly views: ViewPreset;
  /** Width of what joins the features in the head. */
  readonly beside?: number;
  /** Which backbone parameters train: none but normalisation affines, or all. */
  readonly trains: 'norm' | 'all';
  /** How; the measured one of what trains without it. */
  readonly recipe?: FinetuneRecipe;
  /**
   * Rate of each layer of the backbone over that of the layer behind it (layer-wise rate decay: Clark et al. 2020,
   * section 3.1); 1 trains all alike.
   */
  readonly layerDecay?: number;
  /** A method's loss beside the supervised one. */
  readonly auxiliary?: Auxiliary;
}

/**
 * Supervised fine-tuning as a program. Batch: `images`, `boxes` as in adaptation, `labels` [batch] int32,
 * `weights` [batch] float32 (class-balanced), and `beside` [batch, beside] where something joins the features.
 * Metrics: `loss`, `logits`. State: `backbone.*`, `head.weight` [features + beside, classes], `head.bias` [classes],
 * `head.mean` [features], optimizer slots, and under `auxiliary.*` what the auxiliary loss trains, follows and remembers.
 */
export interface FinetuneProgram extends Program {
  /** @param begun what the auxiliary loss begins with; without it the backbone is its teacher, and buffers are zeros */
  initialState(backbone: HostTree, head: HostTree, random: Generator, begun?: AuxiliaryStart): HostTree;
  hyper(moment: Moment): HostTree;
  random(generator: Generator): HostTree;
}

/**
 * Pooled features of whole images: batch `images`, `boxes` as above; metrics `features` [batch, features].
 * `turns` gives the number of flips and quarter turns averaged (1 none, 8 all).
 */
export interface EmbedProgram extends Program {
  readonly turns: 1 | 8;
}
