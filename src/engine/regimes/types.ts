import type { Backbone, BatchStatistics } from '../backbones/types.ts';
import type { ViewPreset } from '../augment/types.ts';
import type { Generator } from '../data/random.ts';
import type { Moment } from '../optim/schedules.ts';
import type { HostTree, Program } from '../nn/types.ts';

export interface FinetuneContext {
  readonly backbone: Backbone;
  readonly statistics: BatchStatistics;
  readonly classes: number;
  readonly batch: number;
  readonly recordSide: number;
  readonly size: number;
  readonly views: ViewPreset;
  /** Which backbone parameters train: none but normalisation affines, or all. */
  readonly trains: 'norm' | 'all';
}

/**
 * Supervised fine-tuning as a program. Batch: `images`, `boxes` as in adaptation, `labels` [batch] int32,
 * `weights` [batch] float32 (class-balanced). Metrics: `loss`, `logits`.
 * State: `backbone.*`, `head.weight` [features, classes], `head.bias` [classes], `head.mean` [features] and optimizer slots.
 */
export interface FinetuneProgram extends Program {
  initialState(backbone: HostTree, head: HostTree, random: Generator): HostTree;
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
