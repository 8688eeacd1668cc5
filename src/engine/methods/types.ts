import type * as TF from '@tensorflow/tfjs';
import type { Backbone, BatchStatistics } from '../backbones/types.ts';
import type { ViewPreset } from '../augment/types.ts';
import type { Generator } from '../data/random.ts';
import type { Executor, HostTensor, HostTree, Program, Tree, TreeSpec } from '../nn/types.ts';
import type { Moment, Schedule } from '../optim/schedules.ts';

/** A declared setting of a method: what a form shows and a specification stores. */
export interface Setting {
  readonly value: number | string | boolean;
  readonly gloss: string;
  readonly range?: readonly [number, number];
  /** Numbers without a fraction. */
  readonly whole?: boolean;
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
  /** Where another backbone comes from; the registry without it. */
  readonly backboneOf?: (name: string) => Backbone;
}

/** Parameters trained beside the backbone, and what they compute: a head, prototypes, a decoder. */
export interface Part {
  readonly spec: TreeSpec;
  initial(random: Generator): HostTree;
  /**
   * @param params the leaves of `spec`
   * @param x [views · batch, …], view-major
   */
  forward(params: Tree, x: TF.Tensor2D, views: number): TF.Tensor2D;
}

/** What a loss sees. Rows are view-major: row i and row i + batch of a set are two pictures of one image. */
export interface Seen {
  /** Pooled features of the online backbone by set, [n · batch, features]. */
  readonly online: Readonly<Record<string, TF.Tensor2D>>;
  /** The same of the target backbone; not differentiated. */
  readonly target: Readonly<Record<string, TF.Tensor2D>>;
  /** The maps that features are the means of, [n · batch, h, w, features], by network and set. */
  readonly maps: Readonly<Record<'online' | 'target', Readonly<Record<string, TF.Tensor4D>>>>;
  /** The pictures themselves, [n · batch, 3, s, s] in 0..1. */
  readonly pictures: Readonly<Record<string, TF.Tensor4D>>;
  /** A part of the online network. */
  part(name: string, x: TF.Tensor2D): TF.Tensor2D;
  /** The target's copy of a part. */
  targetPart(name: string, x: TF.Tensor2D): TF.Tensor2D;
  readonly batch: Tree;
  readonly random: Tree;
  readonly hyper: Tree;
  readonly buffers: Tree;
}

export interface Judged {
  readonly loss: TF.Scalar;
  /** New values of buffers. */
  readonly buffers?: Tree;
  /** What else is told of a step, such as the share of a task that was right. */
  readonly metrics?: Tree;
}

/** What an objective may look at before its first step. */
export interface BeginTools {
  readonly executor: Executor;
  readonly random: Generator;
  /** Vectors of the target's maps of images of the run, whole and unchanged: [places, features]. */
  places(): Promise<HostTensor>;
}

/** What a method looks at, what it trains beside the backbone, and its loss. */
export interface Objective {
  readonly name: string;
  readonly parts: Readonly<Record<string, Part>>;
  /** Parts with a slowly moving copy, beside one of the backbone; null where there is no target network. */
  readonly target: readonly string[] | null;
  /** A target backbone that stands still instead, perhaps of another kind; `target` is null then. */
  readonly teacher?: Backbone;
  /** State that the loss itself moves on, such as a centre; zeros at the start, or these values. */
  readonly buffers?: TreeSpec;
  initialBuffers?(random: Generator): HostTree;
  /** Values of buffers that follow from the images, found before the first step. */
  begin?(tools: BeginTools): Promise<HostTree>;
  /** Inputs of a step beside images and boxes. `labels`: [batch] int32, the class of each image, −1 where it is not known. */
  readonly batch?: TreeSpec;
  readonly random: TreeSpec;
  draw(generator: Generator): HostTree;
  /** Pictures by set, planar [n · batch, 3, s, s] in 0..1; sets may differ in number and side. */
  pictures(batch: Tree, random: Tree): Readonly<Record<string, TF.Tensor4D>>;
  /** Sets that each network sees; `online` begins with the one whose first picture is told as `embedding`. */
  readonly sees: { readonly online: readonly string[]; readonly target: readonly string[] };
  /**
   * Sets whose pictures are one batch to batch statistics, because what sets a picture apart from the next is what is to
   * be told: alone, each would be brought to the same mean. Of another set each picture is a batch of its own.
   */
  readonly oneBatch?: readonly string[];
  /** Scalars of the loss at a step, and `targetShare` (1 − τ) where there is a target. */
  hyper(step: number, schedule: Schedule): Readonly<Record<string, number>>;
  loss(seen: Seen): Judged;
}

/**
 * One adaptation method bound to a backbone: a program whose batch is
 * `{ images: [batch, recordSide, recordSide, 3] in 0..1, boxes: [batch, 4] content box y0,x0,y1,x1 in 0..1 }` and what
 * its objective asks for beside them, and whose metrics hold at least `loss` (scalar) and `embedding`
 * ([batch, features], the online backbone's pooled features of the first picture).
 */
export interface AdaptProgram extends Program {
  readonly statistics: BatchStatistics;
  /**
   * First state: backbone under `online.backbone.`, parts, slots, targets, buffers.
   * @param teacher weights of the objective's teacher; without it those of `backbone`
   */
  initialState(backbone: HostTree, random: Generator, teacher?: HostTree): HostTree;
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
  /** A task of its own that `metrics.task` tells the success in: share right, or 1 − error over the mean's error. */
  readonly task?: { readonly kind: 'accuracy' | 'explained'; chance(settings: Settings): number };
  readonly signature: Signature;
  /** The teacher that the settings name, where the method learns from one: a backbone, and the run that adapted it. */
  teacher?(settings: Settings): { readonly backbone: string; readonly run: string };
  objective(context: AdaptContext): Objective;
  /**
   * Trainings one after another instead of one, passes shared out evenly. Each starts anew from the pretrained backbone;
   * what the one before became is its teacher.
   */
  phases?(context: AdaptContext): readonly Objective[];
}

/**
 * What it looks like when a method fails, beside what the monitor sees of every method. With `sign`: a scalar metric of
 * every step whose mean over a pass at or below `floor` means this, twice in a row. A method with a task needs none: its
 * success at chance means `stalled`.
 */
export interface Signature {
  /** One plain sentence: what is seen, and what the monitor answers. */
  readonly text: string;
  readonly sign?: { readonly metric: string; readonly floor: number; readonly means: 'collapsed' | 'stalled' };
}
