import { reductionAxes } from '../../shapes/reduce.ts';
import { sizeOf } from '../../ir.ts';
import { reduceRules } from '../portable/reduce.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import { NCHWC } from '../builder.ts';
import { BLOCKED, roundUp, sumOfRows } from './blocks.ts';
import { FILTER, filterShape, sumPerOutput } from './filters.ts';

/** Sums over the filters of a tensor that lies as filters do, or over the plane (and the images) of an image that lies in blocks. */
const sumOfBlocks =
  (kernel: 'Sum' | 'Mean'): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'x');
    const out = result(node);
    const axes = reductionAxes(node.attributes, x.shape).join();
    const g = lowering.graph;
    const scale = sizeOf(out.shape) / sizeOf(x.shape);
    if (lowering.isHeld(x, FILTER) && axes === '0,1,2') {
      const dims = filterShape(x.shape, lowering.options.block) as number[];
      const sum = sumPerOutput(g, lowering.get(x, FILTER), dims);
      const scaled = kernel === 'Mean' ? g.emit('Mul', [sum, g.float(scale)]) : sum;
      return lowering.set(out, g.reshape(scaled, out.shape));
    }
    const blocked = lowering.isHeld(x, BLOCKED) && (axes === '1,2' || axes === '0,1,2');
    if (!blocked) return reduceRules[kernel]?.(lowering, node, inputs);
    const [images = 1, h = 1, w = 1, c = 1] = x.shape;
    const block = lowering.options.block as number;
    const channels = roundUp(c, block);
    let sum = g.emit('GlobalAveragePool', [lowering.get(x, BLOCKED)], {}, NCHWC);
    if (axes === '0,1,2') sum = sumOfRows(g, sum, [images, channels]);
    sum = g.reshape(sum, [axes === '0,1,2' ? 1 : images, channels]);
    if (channels !== c) sum = g.emit('Slice', [sum, g.ints([0]), g.ints([c]), g.ints([1])]);
    const count = kernel === 'Sum' ? h * w : scale * h * w;
    if (count !== 1) sum = g.emit('Mul', [sum, g.float(count)]);
    lowering.set(out, g.reshape(sum, out.shape));
  };

export const blockedReduceRules: LoweringRules = { Sum: sumOfBlocks('Sum'), Mean: sumOfBlocks('Mean') };
