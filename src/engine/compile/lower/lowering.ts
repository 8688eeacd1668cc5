import { sizeOf } from '../ir.ts';
import type { Value } from '../ir.ts';
import type { DType } from '../../nn/types.ts';
import { GraphBuilder } from './builder.ts';
import { axisIn, inLayout, NCHW, permutation, rowMajor, sameOrder } from './layout.ts';
import { BLOCKED, blockedShape, fromBlocks, toBlocks } from './blocked/blocks.ts';
import { FILTER, filterFromBlocks, filterShape, filterToBlocks, perOutput } from './blocked/filters.ts';
import type { Layout } from './layout.ts';

/** Where a value is in the graph under construction. */
interface Place {
  /** Names of the tensors that hold it, by layout. */
  readonly held: Map<Layout, string>;
  /** All elements are this number; nothing is emitted until someone needs a tensor. */
  splat?: number;
  /** A smaller tensor that broadcasts to the value. */
  broadcast?: Value;
}

/** Whether a layout is an order of axes. */
const isPlain = (layout: Layout): boolean => layout !== BLOCKED && layout !== FILTER;

/** What can be chosen per device. */
export interface LoweringOptions {
  /** Channels per block of ONNX Runtime's CPU convolutions; without it only standard operators are emitted. */
  readonly block?: number;
}

/**
 * The state of one lowering: the graph so far and where each value is. Layouts are lazy: a value may exist in
 * several, and is converted when a rule asks for one it is not held in.
 */
export class Lowering {
  readonly graph = new GraphBuilder();
  readonly options: LoweringOptions;
  #places = new Map<Value, Place>();
  #temporaries = -1;

  constructor(options: LoweringOptions) {
    this.options = options;
  }

  #place(value: Value): Place {
    const known = this.#places.get(value);
    if (known) return known;
    if (value.kind !== 'constant')
      throw new Error(`value ${value.id} (${value.node?.kernel ?? value.name}) is not lowered yet`);
    const place: Place = { held: new Map() };
    if (value.splat !== undefined) place.splat = value.splat;
    else if (value.values)
      place.held.set(rowMajor(value.shape.length), this.graph.constant(value.shape, value.values, value.dtype));
    this.#places.set(value, place);
    return place;
  }

  /** Records that `name` holds `value`. */
  set(value: Value, name: string, layout: Layout = rowMajor(value.shape.length)): void {
    const place = this.#places.get(value);
    if (place) place.held.set(layout, name);
    else this.#places.set(value, { held: new Map([[layout, name]]) });
  }

  setSplat(value: Value, splat: number): void {
    this.#places.set(value, { held: new Map(), splat });
  }

  setBroadcast(value: Value, source: Value): void {
    this.#places.set(value, { held: new Map(), broadcast: this.broadcastSource(source) ?? source });
  }

  /** `value` is the same tensor as `source`. */
  setSame(value: Value, source: Value): void {
    this.#places.set(value, this.#place(source));
  }

  splatOf(value: Value): number | undefined {
    return this.#place(value).splat;
  }

  broadcastSource(value: Value): Value | undefined {
    return this.#place(value).broadcast;
  }

  /** Layouts in which the value exists already; none for a splat or a broadcast not yet made. */
  layoutsOf(value: Value): Layout[] {
    return [...this.#place(value).held.keys()];
  }

  isHeld(value: Value, layout: Layout): boolean {
    return this.#place(value).held.has(layout);
  }

  /** A value of the lowering itself. */
  temporary(shape: readonly number[], dtype: DType, name: string, layout?: Layout): Value {
    const value = { kind: 'node', id: this.#temporaries--, shape, dtype } as unknown as Value;
    this.set(value, name, layout);
    return value;
  }

  scalar(value: number, dtype: DType): string {
    if (dtype === 'float32') return this.graph.float(value);
    return dtype === 'int32'
      ? this.graph.constant([], Int32Array.of(value), 'int32')
      : this.graph.constant([], Uint8Array.of(value ? 1 : 0), 'bool');
  }

  /** The name of a tensor that holds `value` in `layout`. */
  get(value: Value, layout: Layout = rowMajor(value.shape.length)): string {
    const place = this.#place(value);
    const held = place.held.get(layout);
    if (held) return held;
    const name = this.#make(value, place, layout);
    place.held.set(layout, name);
    return name;
  }

  #make(value: Value, place: Place, layout: Layout): string {
    if (layout === BLOCKED) return this.#makeBlocked(value, place);
    if (layout === FILTER) return filterToBlocks(this.graph, this.get(value), this.#filterShape(value));
    const shape = inLayout(value.shape, layout);
    if (place.splat !== undefined && !place.held.size) {
      const scalar = this.scalar(place.splat, value.dtype);
      return value.shape.length ? this.graph.emit('Expand', [scalar, this.graph.ints(shape)]) : scalar;
    }
    if (place.broadcast && !place.held.size)
      return this.graph.emit('Expand', [
        this.operand(place.broadcast, layout, value.shape.length),
        this.graph.ints(shape),
      ]);
    const found = [...place.held].find(([held]) => isPlain(held));
    if (found) return this.rearrange(found[1], value.shape, found[0], layout);
    const plain = rowMajor(4);
    const filter = place.held.get(FILTER);
    const blocks = place.held.get(BLOCKED) ?? '';
    const channels = value.shape[3] as number;
    if (layout === NCHW && !filter) return fromBlocks(this.graph, blocks, channels, false);
    if (layout === plain)
      return filter
        ? filterFromBlocks(this.graph, filter, value.shape)
        : fromBlocks(this.graph, blocks, channels, true);
    return this.rearrange(this.get(value, plain), value.shape, plain, layout);
  }

  #filterShape({ shape }: Value): number[] {
    return filterShape(shape, this.options.block) as number[];
  }

  #makeBlocked(value: Value, place: Place): string {
    if (place.splat !== undefined) {
      const shape = blockedShape(value.shape, this.options.block as number);
      return this.graph.emit('Expand', [this.scalar(place.splat, value.dtype), this.graph.ints(shape)]);
    }
    // ONNX Runtime puts multiples of 4 channels into blocks and refuses others.
    const missing = -(value.shape[3] as number) & 3;
    if (missing) {
      const pads = this.graph.ints([0, 0, 0, 0, 0, missing, 0, 0]);
      return toBlocks(this.graph, this.graph.emit('Pad', [this.get(value, NCHW), pads, this.graph.float(0)]), false);
    }
    const planes = place.held.get(NCHW);
    return planes ? toBlocks(this.graph, planes, false) : toBlocks(this.graph, this.get(value), true);
  }

  rearrange(name: string, shape: readonly number[], from: Layout, to: Layout): string {
    if (from === to) return name;
    if (sameOrder(shape, from, to)) return this.graph.reshape(name, inLayout(shape, to));
    return this.graph.emit('Transpose', [name], { perm: permutation(from, to) });
  }

  /** `value` as an operand of an elementwise op of `rank` in `layout`, to be broadcast by numpy's rules. */
  operand(value: Value, layout: Layout, rank: number): string {
    const splat = this.splatOf(value);
    if (splat !== undefined) return this.scalar(splat, value.dtype);
    const source = this.broadcastSource(value);
    if (source) return this.operand(source, layout, rank);
    if (value.shape.length === rank) return this.get(value, layout);
    if (layout === rowMajor(rank) || (sizeOf(value.shape) === 1 && value.shape.length <= rank)) return this.get(value);
    const full = [...Array<number>(rank - value.shape.length).fill(1), ...value.shape];
    return this.rearrange(this.graph.reshape(this.get(value), full), full, rowMajor(rank), layout);
  }

  /** `value` as an operand beside filters of this shape that lie in blocks. */
  filterOperand(value: Value, shape: readonly number[]): string {
    if (this.isFull(value, sizeOf(shape))) return this.get(value, FILTER);
    const source = this.broadcastSource(value) ?? value;
    if (this.splatOf(source) !== undefined || sizeOf(source.shape) === 1) return this.operand(source, rowMajor(4), 4);
    return perOutput(this.graph, this.get(source), filterShape(shape, this.options.block) as number[]);
  }

  /** Whether the value exists in full (neither a splat nor a broadcast), with this many elements. */
  isFull(value: Value, size: number): boolean {
    const place = this.#place(value);
    return sizeOf(value.shape) === size && place.splat === undefined && !place.broadcast;
  }

  /** The layout an op with result `shape` should work in: that of an operand which does not exist in row-major order. */
  preferredLayout(values: readonly Value[], shape: readonly number[]): Layout {
    const plain = rowMajor(shape.length);
    const movable = (value: Value) => this.layoutsOf(value).filter(isPlain);
    const full = values.filter(
      (v) => v.shape.length === shape.length && v.kind !== 'constant' && this.isFull(v, sizeOf(shape)),
    );
    for (const value of full) {
      const layouts = movable(value);
      if (layouts.length && !layouts.includes(plain)) return layouts[0] as Layout;
    }
    for (const value of full) {
      const other = movable(value).find((layout) => layout !== plain);
      if (other) return other;
    }
    return plain;
  }

  /**
   * The layout in blocks that an elementwise op should work in. As an image: an operand lies in blocks, and all others
   * are as large or numbers. As a filter: an operand lies like one, and all others are as large, or one per output.
   */
  blocksToWorkIn(values: readonly Value[], shape: readonly number[]): typeof BLOCKED | typeof FILTER | undefined {
    if (this.options.block === undefined || shape.length !== 4) return undefined;
    const isWhole = (v: Value) => this.isFull(v, sizeOf(shape)) && v.shape.length === 4;
    const isNumber = (v: Value) => this.splatOf(v) !== undefined;
    const held = (layout: Layout) => values.some((v) => isWhole(v) && this.isHeld(v, layout));
    if (held(FILTER)) {
      const isPerFilter = (v: Value) =>
        sizeOf(v.shape) === 1 || (v.shape.at(-1) === shape[3] && sizeOf(v.shape) === shape[3]);
      const fits = (v: Value) => isNumber(v) || isWhole(v) || isPerFilter(this.broadcastSource(v) ?? v);
      if (values.every(fits)) return FILTER;
    }
    return held(BLOCKED) && values.every((v) => isNumber(v) || isWhole(v)) ? BLOCKED : undefined;
  }

  /** The layout `value` is best read in. */
  layoutOf(value: Value): Layout {
    return this.preferredLayout([value], value.shape);
  }

  /** Reduces `value` over logical `axes`. */
  reduce(op: string, value: Value, reduced: readonly number[], keep: boolean): { name: string; layout: Layout } {
    const layout = this.layoutOf(value);
    const x = this.get(value, layout);
    if (!reduced.length) return { name: x, layout };
    const physical = reduced.map((axis) => axisIn(layout, axis)).sort((a, b) => a - b);
    const name = this.graph.emit(op, [x, this.graph.ints(physical)], { keepdims: keep ? 1 : 0 });
    if (keep) return { name, layout };
    const rest = [...layout].filter((axis) => !reduced.includes(Number(axis)));
    const sorted = [...rest].sort();
    return { name, layout: rest.map((axis) => sorted.indexOf(axis)).join('') };
  }
}
