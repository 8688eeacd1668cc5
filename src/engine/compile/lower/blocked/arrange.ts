import { sliceBounds } from '../../shapes/arrange.ts';
import type { Value } from '../../ir.ts';
import type { Lowering } from '../lowering.ts';
import { arrangeRules } from '../portable/arrange.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import { BLOCKED, blockedShape } from './blocks.ts';

/** [planes, height, width · block] of an image in blocks: rows and columns are whole there. */
function planesOf(lowering: Lowering, { shape }: Value): number[] {
  const block = lowering.options.block as number;
  const [n = 1, c = 1, h = 1, w = 1] = blockedShape(shape, block);
  return [(n * c) / block, h, w * block];
}

const isBlocked = (lowering: Lowering, x: Value): boolean =>
  x.shape.length === 4 && lowering.layoutsOf(x).includes(BLOCKED);

const place = (lowering: Lowering, out: Value, name: string): void =>
  lowering.set(out, lowering.graph.reshape(name, blockedShape(out.shape, lowering.options.block as number)), BLOCKED);

/** Zeros around the plane. */
const pad: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const paddings = node.attributes['paddings'] as [number, number][];
  const around = paddings.every(([before, after], axis) => axis === 1 || axis === 2 || (!before && !after));
  const isZero = Number(node.attributes['constantValue'] ?? 0) === 0;
  if (!isBlocked(lowering, x) || !around || !isZero) return arrangeRules['PadV2']?.(lowering, node, inputs);
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const [top, bottom] = paddings[1] as [number, number];
  const [left, right] = paddings[2] as [number, number];
  const image = g.reshape(lowering.get(x, BLOCKED), planesOf(lowering, x));
  const pads = g.ints([0, top, left * block, 0, bottom, right * block]);
  place(lowering, result(node), g.emit('Pad', [image, pads, g.float(0)]));
};

/** A part of the plane, of all images and channels. */
const slice: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const out = result(node);
  const within = x.shape.every((length, axis) => axis === 1 || axis === 2 || out.shape[axis] === length);
  if (!isBlocked(lowering, x) || !within) return arrangeRules['Slice']?.(lowering, node, inputs);
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const [, top = 0, left = 0] = sliceBounds(x.shape, node.attributes)[0];
  const [, , height = 1, width = 1] = blockedShape(out.shape, block);
  const image = g.reshape(lowering.get(x, BLOCKED), planesOf(lowering, x));
  const ends = g.ints([top + height, (left + width) * block]);
  place(lowering, out, g.emit('Slice', [image, g.ints([top, left * block]), ends, g.ints([1, 2])]));
};

export const blockedArrangeRules: LoweringRules = { PadV2: pad, Slice: slice };
