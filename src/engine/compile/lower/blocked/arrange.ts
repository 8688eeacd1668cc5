import { sliceBounds } from '../../shapes/arrange.ts';
import { arrangeRules } from '../portable/arrange.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import { BLOCKED, blockedShape, partOfPlane, surrounded } from './blocks.ts';

/** Zeros around the plane. */
const pad: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const paddings = node.attributes['paddings'] as [number, number][];
  const around = paddings.every(([before, after], axis) => axis === 1 || axis === 2 || (!before && !after));
  const isZero = Number(node.attributes['constantValue'] ?? 0) === 0;
  if (!lowering.isHeld(x, BLOCKED) || !around || !isZero) return arrangeRules['PadV2']?.(lowering, node, inputs);
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const [top, bottom] = paddings[1] as [number, number];
  const [left, right] = paddings[2] as [number, number];
  const [, channels = 1] = blockedShape(x.shape, block);
  const wide = surrounded(g, lowering.get(x, BLOCKED), channels, [top, left, bottom, right], block);
  lowering.set(result(node), wide, BLOCKED);
};

/** A part of the plane, of all images and channels. */
const slice: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const out = result(node);
  const within = x.shape.every((length, axis) => axis === 1 || axis === 2 || out.shape[axis] === length);
  if (!lowering.isHeld(x, BLOCKED) || !within) return arrangeRules['Slice']?.(lowering, node, inputs);
  const block = lowering.options.block as number;
  const [, top = 0, left = 0] = sliceBounds(x.shape, node.attributes)[0];
  const [, height = 1, width = 1] = out.shape;
  const part = { top, left, height, width };
  const image = lowering.get(x, BLOCKED);
  lowering.set(out, partOfPlane(lowering.graph, image, blockedShape(x.shape, block), block, part), BLOCKED);
};

export const blockedArrangeRules: LoweringRules = { PadV2: pad, Slice: slice };
