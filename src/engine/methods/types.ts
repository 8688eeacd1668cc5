import type { Backbone, BatchStatistics } from '../backbones/types.ts';
import type { ViewPreset } from '../augment/types.ts';
import type { Generator } from '../data/random.ts';
import type { HostTree, Program } from '../nn/types.ts';

/** A declared setting of a method: what a form shows and a specification stores. */
export interface Setting {
  readonly value: number | string | boolean;
  readonly gloss: string;
  readonly range?: readonly [number, number];
  readonly choices?: readonly string[];
  readonly unit?: string;
}
export type Settings = Readonly<Record<string, number | string | boolean>>;

export interface AdaptContext {
  readonly backbone: Backbone;
  readonly settings: Settings;
  /** Images per step. */
  readonly batch: number;
  /** Side of a cache record, and side the network sees. */
  readonly recordSide: number;
  readonly size: number;
  readonly views: ViewPreset;
}

/** Where in the schedule a step is. */
export interface Moment {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/**
 * One adaptation method bound to a backbone: a program whose batch is
 * `{ images: [batch, recordSide, recordSide, 3] in 0..1, boxes: [batch, 4] content box y0,x0,y1,x1 in 0..1 }`
 * and whose metrics hold at least `loss` (scalar) and `embedding` ([batch, features], the online backbone's pooled features of view one).
 */
export interface AdaptProgram extends Program {
  readonly statistics: BatchStatistics;
  /** First state: backbone under `online.backbone.`, heads, slots, EMA targets. */
  initialState(backbone: HostTree, random: Generator): HostTree;
  hyper(moment: Moment): HostTree;
  random(generator: Generator): HostTree;
  /** The adapted backbone, prefix taken off. */
  backboneOf(state: HostTree): HostTree;
  /** Rate of the backbone at a step, for the curve. */
  learningRate(moment: Moment): number;
  /**
   * The same step for as long as `hyper` holds the backbone, at about a quarter of the cost: no gradient and no second
   * forward pass of the backbone. Same signature and state. Run it where `inWarmUp`, this program elsewhere.
   */
  readonly warmUp: Program;
  inWarmUp(moment: Moment): boolean;
}

export interface Method {
  readonly name: string;
  /** One plain sentence. */
  readonly summary: string;
  readonly source: string;
  readonly settings: Readonly<Record<string, Setting>>;
  readonly defaults: { readonly batch: number; readonly epochs: number };
  bind(context: AdaptContext): AdaptProgram;
}
