import type { Value } from '../../ir.ts';
import { MICROSOFT, NCHWC } from '../builder.ts';
import type { Lowering } from '../lowering.ts';
import { BLOCKED, identity } from './blocks.ts';

/** Whether an image lies in whole blocks, so that this file's way can be used. */
export const normalisesInBlocks = (lowering: Lowering, x: Value): boolean =>
  lowering.isHeld(x, BLOCKED) && (x.shape[3] as number) % (lowering.options.block as number) === 0;

/**
 * Group normalisation of an image in blocks. Each channel of each image counts as one channel of a single image, so
 * that scaling and shifting it is a depthwise convolution of one pixel.
 */
export class BlockedGroups {
  readonly #lowering: Lowering;
  readonly #shape: readonly [n: number, h: number, w: number, c: number];
  readonly #groups: number;

  constructor(lowering: Lowering, x: Value, groups: number) {
    this.#lowering = lowering;
    this.#shape = x.shape as unknown as readonly [number, number, number, number];
    this.#groups = groups;
  }

  get #g(): Lowering['graph'] {
    return this.#lowering.graph;
  }

  /** The image in blocks. */
  image(value: Value): string {
    const [n, h, w, c] = this.#shape;
    return this.#g.reshape(this.#lowering.get(value, BLOCKED), [1, n * c, h, w]);
  }

  place(value: Value, name: string): void {
    const [n, h, w, c] = this.#shape;
    this.#lowering.set(value, this.#g.reshape(name, [n, c, h, w]), BLOCKED);
  }

  /** A vector [c] as [1, groups, c / groups]. */
  perChannel(value: Value): string {
    return this.#g.reshape(this.#lowering.get(value), [1, this.#groups, this.#shape[3] / this.#groups]);
  }
  /** A statistic [n, 1, groups, 1] as [n, groups, 1]. */
  perGroup(value: Value): string {
    return this.#g.reshape(this.#lowering.get(value), [this.#shape[0], this.#groups, 1]);
  }

  /** `image · factor + term (+ sum)`, factor and term of any shape that spreads to [n, groups, c / groups]. */
  affine(image: string, factor: string, term?: string, sum?: string): string {
    const operands = [image, this.#spread(factor, true), term === undefined ? '' : this.#spread(term, false)];
    if (sum !== undefined) operands.push(sum);
    while (operands.at(-1) === '') operands.pop();
    const [n, , , c] = this.#shape;
    const attributes = { kernel_shape: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: n * c };
    return this.#g.emit('Conv', operands, attributes, NCHWC);
  }

  #spread(name: string, filter: boolean): string {
    const [n, , , c] = this.#shape;
    const all = this.#g.emit('Expand', [name, this.#g.ints([n, this.#groups, c / this.#groups])]);
    return this.#g.reshape(all, filter ? [n * c, 1, 1, 1] : [n * c]);
  }

  /** Sum over the plane, or of its squares, [n, groups, c / groups]. */
  sum(image: string, op: 'ReduceSum' | 'ReduceSumSquare' = 'ReduceSum'): string {
    return this.#perPlane(this.#g.emit(op, [this.#planes(image), this.#g.ints([1])], { keepdims: 0 }));
  }

  /** Sum over the plane of the product of two images, [n, groups, c / groups]. */
  dot(a: string, b: string): string {
    const g = this.#g;
    const block = this.#lowering.options.block as number;
    const all = g.emit('FusedMatMul', [this.#planes(a), this.#planes(b)], { transA: 1 }, MICROSOFT);
    const own = g.emit('Mul', [all, identity(g, block)]);
    return this.#perPlane(g.emit('ReduceSum', [own, g.ints([1])], { keepdims: 0 }));
  }

  #planes(image: string): string {
    const [n, h, w, c] = this.#shape;
    const block = this.#lowering.options.block as number;
    return this.#g.reshape(image, [(n * c) / block, h * w, block]);
  }

  #perPlane(name: string): string {
    const [n, , , c] = this.#shape;
    return this.#g.reshape(name, [n, this.#groups, c / this.#groups]);
  }

  /** Mean over plane and group of what was summed over the plane, [n, groups, 1]. */
  mean(sums: string): string {
    const [, h, w, c] = this.#shape;
    const g = this.#g;
    const whole = g.emit('ReduceSum', [sums, g.ints([2])], { keepdims: 1 });
    return g.emit('Mul', [whole, g.float(this.#groups / (h * w * c))]);
  }

  /** Sum over images, [c]. */
  overImages(sums: string): string {
    const g = this.#g;
    return g.reshape(g.emit('ReduceSum', [sums, g.ints([0])], { keepdims: 0 }), [this.#shape[3]]);
  }

  statistic(value: Value, name: string): void {
    this.#lowering.set(value, this.#g.reshape(name, [this.#shape[0], 1, this.#groups, 1]));
  }
}
